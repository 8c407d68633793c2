// Two figures of a kind of call: how long one takes, and how many a second with many under way.
import { type Call, measureRate } from './calls.ts';
import { interleave, quantile, type Row } from './measure.ts';

/** How much is measured. */
export interface Extent {
  readonly rounds: number;
  /** Calls that follow each other, in a round. */
  readonly inARow: number;
  /** Calls with many under way, in a round. */
  readonly atOnce: number;
  /** Calls before the first round. */
  readonly warmUp: number;
}

const USUAL: Extent = { rounds: 5, inARow: 200, atOnce: 2_000, warmUp: 2_000 };
export const IN_FLIGHT = 32;
const MICROSECONDS = 1_000;

/** How many calls `measure` makes of each kind: one round more, the first, is not counted. */
export function countCalls({ rounds, inARow, atOnce, warmUp }: Extent): number {
  return warmUp + (rounds + 1) * (inARow + atOnce);
}

/** In microseconds; `alone` is in calls a second. */
interface Times {
  readonly p50: number;
  /** Only one in a hundred exceeds it. */
  readonly p99: number;
  readonly alone: number;
}

async function measureTimes(call: Call, inARow: number): Promise<Times> {
  const times: number[] = [];
  for (let count = 0; count < inARow; count += 1) {
    const begun = performance.now();
    await call(count);
    times.push((performance.now() - begun) * MICROSECONDS);
  }
  const whole = times.reduce((sum, time) => sum + time, 0);
  const alone = (inARow / whole) * MICROSECONDS * 1_000;
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), alone };
}

/** By name of a subject, the rounds' figures of its puts and gets. */
export interface Figures {
  /** Calls a second, with many under way. */
  readonly rates: readonly number[];
  /** Calls a second, one at a time. */
  readonly alone: readonly number[];
  readonly p50: readonly number[];
  readonly p99: readonly number[];
}

/** Each subject alone, one call at a time and then many at once, in turn with the others. */
export async function measure<N extends string>(
  calls: { readonly [name in N]: Call },
  { rounds, inARow, atOnce, warmUp }: Extent = USUAL,
) {
  for (const call of Object.values<Call>(calls)) await measureRate(call, warmUp, IN_FLIGHT);
  const names = Object.keys(calls) as N[];
  const times = Object.fromEntries(names.map((name) => [name, []])) as unknown as {
    [name in N]: Times[];
  };
  const rates = await interleave(
    rounds,
    Object.fromEntries(
      names.map((name) => [
        name,
        async () => {
          times[name].push(await measureTimes(calls[name], inARow));
          return measureRate(calls[name], atOnce, IN_FLIGHT);
        },
      ]),
    ) as { readonly [name in N]: () => Promise<number> },
  );
  const figures = names.map((name) => {
    const counted = times[name].slice(1);
    const figure: Figures = {
      rates: rates[name],
      alone: counted.map(({ alone }) => alone),
      p50: counted.map(({ p50 }) => p50),
      p99: counted.map(({ p99 }) => p99),
    };
    return [name, figure] as const;
  });
  return Object.fromEntries(figures) as unknown as { readonly [name in N]: Figures };
}

export function rowsOf(what: string, figures: Figures, floor: Figures, least?: number): Row[] {
  const goal = least === undefined ? {} : { least };
  return [
    {
      what: `${what}, a second, ${IN_FLIGHT} in flight`,
      measured: figures.rates,
      floor: floor.rates,
      unit: '/s',
      ...goal,
    },
    { what: '  p50, one at a time', measured: figures.p50, floor: floor.p50, unit: 'us' },
    { what: '  p99', measured: figures.p99, floor: floor.p99, unit: 'us' },
  ];
}

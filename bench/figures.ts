// Two figures of a kind of call: how long one takes, and how many a second with many under way.
import { type Call, measureRate } from './calls.ts';
import { interleave, quantile, type Row } from './measure.ts';

const ROUNDS = 5;
const IN_A_ROW = 200;
const AT_ONCE = 2_000;
const IN_FLIGHT = 32;
const WARM_UP = 2_000;
const MICROSECONDS = 1_000;

/** The middle of many calls, and what only one in a hundred exceeds, in microseconds. */
async function measureTimes(call: Call): Promise<{ p50: number; p99: number }> {
  const times: number[] = [];
  for (let count = 0; count < IN_A_ROW; count += 1) {
    const begun = performance.now();
    await call(count);
    times.push((performance.now() - begun) * MICROSECONDS);
  }
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

/** By name of a subject, the rounds' figures of its puts and gets. */
export interface Figures {
  readonly rates: readonly number[];
  readonly p50: readonly number[];
  readonly p99: readonly number[];
}

/** Each subject alone, one call at a time and then many at once, in turn with the others. */
export async function measure<N extends string>(calls: { readonly [name in N]: Call }) {
  for (const call of Object.values<Call>(calls)) await measureRate(call, WARM_UP, IN_FLIGHT);
  const names = Object.keys(calls) as N[];
  const times = Object.fromEntries(names.map((name) => [name, []])) as unknown as {
    [name in N]: { p50: number; p99: number }[];
  };
  const rates = await interleave(
    ROUNDS,
    Object.fromEntries(
      names.map((name) => [
        name,
        async () => {
          times[name].push(await measureTimes(calls[name]));
          return measureRate(calls[name], AT_ONCE, IN_FLIGHT);
        },
      ]),
    ) as { readonly [name in N]: () => Promise<number> },
  );
  const figures = names.map((name) => {
    const counted = times[name].slice(1);
    const figure: Figures = {
      rates: rates[name],
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

// Writes of earlier runs with causal contexts. A level holds exactly if it does for some total
// order of the writes that keeps their partial one.
import { describe, expect, it } from 'vitest';
import { check, LEVELS, withInitial } from '../../src/checkers/index.ts';
import { isSessionGuarantee } from '../../src/checkers/levels.ts';
import type { ContextTuples, InitialWrite, Operation } from '../../src/kernel/history.ts';
import { createRandomStream, type RandomStream, randomBelow } from '../../src/kernel/random.ts';
import { extent } from '../support/extent.ts';
import { randomHistories } from './generate.ts';
import { historyOf, toHistory } from './notation.ts';

/** By version: the versions before it, and itself. */
type Order = ReadonlyMap<number, ReadonlySet<number>>;

const EARLIER = [1, 2, 3];

function contextOf(order: Order, version: number): ContextTuples {
  const before = [...(order.get(version) ?? [])].sort((a, b) => a - b);
  // A life for each version, so that no two spans meet.
  return before.map((one) => [one, 1, 0, one] as const);
}

/** Each write is after a random part of those that have smaller versions. */
function drawOrder(random: RandomStream, versions: readonly number[]): Order {
  const order = new Map<number, ReadonlySet<number>>();
  for (const [place, version] of versions.entries()) {
    const chosen = versions.slice(0, place).filter(() => random() < 0.5);
    const all = chosen.flatMap((one) => [...(order.get(one) ?? [])]);
    order.set(version, new Set([...all, version]));
  }
  return order;
}

function* extensions(order: Order, left: readonly number[]): Generator<number[]> {
  if (left.length === 0) yield [];
  for (const first of left) {
    const isFree = left.every((other) => other === first || !order.get(first)?.has(other));
    if (!isFree) continue;
    const others = left.filter((other) => other !== first);
    for (const rest of extensions(order, others)) yield [first, ...rest];
  }
}

function initialWrites(order: Order | undefined, rankOf: (version: number) => number) {
  return EARLIER.map((version): InitialWrite => {
    const context = order && { context: contextOf(order, version) };
    const id = order === undefined ? 0 : version;
    const named = [rankOf(version), id, 1] as const;
    return {
      key: 'x',
      value: `${90 + version}`,
      version: named,
      ...context,
      outcome: 'ok',
      server: 0,
    };
  });
}

/** Puts have versions above those of earlier runs; some reads find what these have written. */
function draw(random: RandomStream, history: readonly Operation[]): (Operation & { at: number })[] {
  return history.map((operation) => {
    const isEarlier = operation.kind === 'get' && random() < 0.5;
    if (!isEarlier)
      return { ...operation, at: operation.value === null ? 0 : 10 + Number(operation.value) };
    const at = random() < 0.5 ? 3 : 1 + randomBelow(random, 3);
    return { ...operation, outcome: 'ok', value: `${90 + at}`, at };
  });
}

const RUNS = extent({ full: 200, quick: 10 });

describe('writes of earlier runs with contexts', () => {
  it('are judged as in the total orders that keep theirs', () => {
    const random = createRandomStream(3, 'earlier siblings');
    const counts = new Map<string, number>();
    const shape = { operations: 5, sessions: 2, keys: 1, isTimed: true };
    for (const sessions of randomHistories(4, RUNS, shape)) {
      const drawn = draw(random, toHistory(sessions));
      const written = drawn.flatMap(({ kind, at }) => (kind === 'put' ? [at] : []));
      const order = drawOrder(random, [...EARLIER, ...written.sort((a, b) => a - b)]);
      const partial = drawn.map(({ at, ...operation }): Operation => {
        if (at === 0) return { ...operation, context: [] };
        return { ...operation, version: [at, at, 1], context: contextOf(order, at) };
      });
      const whole = withInitial(
        initialWrites(order, (version) => version),
        partial,
      );
      const totals = [...extensions(order, [...order.keys()])].map((total) => {
        const rankOf = (version: number): number => 1 + total.indexOf(version);
        const ranked = drawn.map(({ at, ...operation }): Operation => {
          return { ...operation, version: at === 0 ? null : [rankOf(at), 0, 1] };
        });
        return withInitial(initialWrites(undefined, rankOf), ranked);
      });
      for (const level of LEVELS.filter((one) => !isSessionGuarantee(one))) {
        const isPossible = totals.some((total) => check(total, level).outcome === 'holds');
        const { outcome } = check(whole, level);
        expect(outcome, `${level} ${JSON.stringify(whole)}`).toBe(isPossible ? 'holds' : 'broken');
        counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      }
    }
    expect(Math.min(...counts.values())).toBeGreaterThan(RUNS / 4);
  });

  it('leave open which of several was the last', () => {
    const [first, second] = initialWrites(
      new Map([
        [1, new Set([1])],
        [2, new Set([2])],
      ]),
      (v) => v,
    );
    const read = (value: string, at: number): Operation[] =>
      historyOf('r x0@1-2').map((get) => {
        const context = [[at, 1, 0, at]] as const;
        return { ...get, outcome: 'ok', value, version: [at, at, 1], context };
      });
    for (const [value, at] of [
      ['91', 1],
      ['92', 2],
    ] as const) {
      const whole = withInitial([first, second] as InitialWrite[], read(value, at));
      expect(check(whole, 'linearizable').outcome).toBe('holds');
    }
    const replaced = {
      ...second,
      context: [
        [1, 1, 0, 1],
        [2, 1, 0, 2],
      ],
    } as InitialWrite;
    const whole = withInitial([first as InitialWrite, replaced], read('91', 1));
    expect(check(whole, 'linearizable').outcome).toBe('broken');
  });
});

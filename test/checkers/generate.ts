// Histories to compare checkers on: all small ones, and random larger ones. Values are small
// numbers that identify the writes of a key, counted from 1.
import { createRandomStream, type RandomStream, randomBelow } from '../../src/kernel/random.ts';
import type { Sessions, Step } from './notation.ts';

interface Slot {
  readonly kind: Step['kind'];
  readonly key: string;
  readonly isPending: boolean;
}

const PLAIN = { isPending: false, version: undefined, from: 0, to: 0 };

/** Every history of `count` operations with at most three sessions, but for renamings. */
export function* everyHistory(
  count: number,
  keys: readonly string[],
  withPending: boolean,
  withDeletions = false,
): Generator<Sessions> {
  const writes = withDeletions ? (['w', 'd'] as const) : (['w'] as const);
  const slots: Slot[] = keys.flatMap((key) => [
    ...writes.map((kind) => ({ kind, key, isPending: false })),
    { kind: 'r', key, isPending: false },
    ...(withPending ? writes.map((kind) => ({ kind, key, isPending: true })) : []),
  ]);
  for (const shape of shapes(count, count, 3)) {
    for (const chosen of product(Array.from({ length: count }, () => slots))) {
      if (chosen[0]?.key !== keys[0]) continue;
      yield* withValues(shape, chosen);
    }
  }
}

/** The first, and one of each `every` after it. */
export function* some<T>(items: Iterable<T>, every: number): Generator<T> {
  let index = 0;
  for (const item of items) {
    if (index % every === 0) yield item;
    index += 1;
  }
}

/** Ways to write `total` as a sum of at most `parts` numbers, none above `most`, falling. */
function* shapes(total: number, most: number, parts: number): Generator<number[]> {
  if (total === 0) yield [];
  if (total === 0 || parts === 0) return;
  for (let first = Math.min(most, total); first > 0; first -= 1) {
    for (const rest of shapes(total - first, first, parts - 1)) yield [first, ...rest];
  }
}

function* product<T>(choices: readonly (readonly T[])[]): Generator<T[]> {
  const [first, ...others] = choices;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const rest of product(others)) for (const choice of first) yield [choice, ...rest];
}

function* withValues(shape: readonly number[], slots: readonly Slot[]): Generator<Sessions> {
  const counts = new Map<string, number>();
  const written = slots.map(({ kind, key }) => {
    if (kind !== 'w') return kind === 'r' ? 0 : null;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts.get(key) as number;
  });
  const options = slots.map(({ kind, key }, index) =>
    kind !== 'r'
      ? [written[index] as number | null]
      : Array.from({ length: (counts.get(key) ?? 0) + 1 }, (_, value) => value),
  );
  for (const values of product(options)) {
    const steps = slots.map((slot, index): Step => {
      const to = slot.isPending ? Number.POSITIVE_INFINITY : 0;
      return { ...PLAIN, ...slot, to, value: values[index] as number | null };
    });
    yield cut(steps, shape);
  }
}

function cut(steps: readonly Step[], shape: readonly number[]): Step[][] {
  let start = 0;
  return shape.map((length) => {
    start += length;
    return steps
      .slice(start - length, start)
      .map((step, from) => ({ ...step, from, to: step.isPending ? step.to : from }));
  });
}

/**
 * Every history of `count` operations on one key, one a session, with begins and ends among the
 * times from 0 to before `times`; writes may have no answer.
 */
export function* everyTimedHistory(count: number, times: number): Generator<Sessions> {
  const intervals: { from: number; to: number }[] = [];
  for (let from = 0; from < times; from += 1) {
    for (let to = from; to < times; to += 1) intervals.push({ from, to });
    intervals.push({ from, to: Number.POSITIVE_INFINITY });
  }
  for (const chosen of product(Array.from({ length: count }, () => intervals))) {
    if (Math.min(...chosen.map(({ from }) => from)) !== 0) continue;
    for (let kinds = 0; kinds < 1 << count; kinds += 1) {
      const slots = chosen.map(({ to }, op): Slot => {
        const kind = (kinds >> op) & 1 ? 'w' : 'r';
        return { kind, key: 'x', isPending: to === Number.POSITIVE_INFINITY };
      });
      if (slots.some(({ kind, isPending }) => kind === 'r' && isPending)) continue;
      const shape = slots.map(() => 1);
      for (const sessions of withValues(shape, slots)) {
        yield sessions.map(([step], op) => [{ ...(step as Step), ...chosen[op] } as Step]);
      }
    }
  }
}

export interface RandomShape {
  readonly operations: number;
  readonly sessions: number;
  readonly keys: number;
  /** The share of writes without an answer, 0 to 1. */
  readonly pending?: number;
  /** The share of reads that take any value at all; the others take one of a recent write. */
  readonly wild?: number;
  /** Whether to give times, so that operations of different sessions may overlap. */
  readonly isTimed?: boolean;
}

/** Plays a store that is mostly right: reads give the last few values that were written. */
export function randomHistory(random: RandomStream, shape: RandomShape): Sessions {
  const sessions: Step[][] = Array.from(
    { length: 1 + randomBelow(random, shape.sessions) },
    () => [],
  );
  const written = new Map<string, number>();
  const clock = sessions.map(() => 0);
  let now = 0;
  for (let count = 0; count < shape.operations; count += 1) {
    const index = randomBelow(random, sessions.length);
    const key = String.fromCharCode(120 + randomBelow(random, shape.keys));
    const isWrite = random() < 0.45;
    const isPending = isWrite && random() < (shape.pending ?? 0);
    const last = written.get(key) ?? 0;
    const value = isWrite ? last + 1 : pickRead(random, last, shape.wild ?? 0.1);
    if (isWrite) written.set(key, value);
    now += randomBelow(random, 3);
    const start = Math.max(now, (clock[index] as number) + 1);
    const from = shape.isTimed ? start : (sessions[index] as Step[]).length;
    const end = shape.isTimed ? start + randomBelow(random, 6) : from;
    clock[index] = shape.isTimed ? end : 0;
    const to = isPending ? Number.POSITIVE_INFINITY : end;
    const kind = isWrite ? 'w' : 'r';
    (sessions[index] as Step[]).push({ kind, key, value, isPending, version: undefined, from, to });
  }
  return sessions.filter((steps) => steps.length > 0);
}

function pickRead(random: RandomStream, last: number, wild: number): number {
  if (random() < wild) return randomBelow(random, last + 3);
  return Math.max(0, last - Math.floor(random() * random() * 4));
}

export function* randomHistories(
  seed: number,
  count: number,
  shape: RandomShape,
): Generator<Sessions> {
  const random = createRandomStream(seed, 'histories');
  for (let index = 0; index < count; index += 1) yield randomHistory(random, shape);
}

export interface Blur {
  /** The share of writes that become deletions. */
  readonly deletions: number;
  /** How many different values a key has; as many as it has writes unless told. */
  readonly values?: number;
  /** The share of answers that carry a version, 0 to 1. */
  readonly versions: number;
}

/**
 * Makes writes harder to tell apart: some delete, and some have the values of others. What a read
 * has read stays the same, and so does what its version says, where it has one.
 */
export function blur(random: RandomStream, sessions: Sessions, how: Blur): Sessions {
  const nameOf = ({ key, value }: Step): string => `${key}${value}`;
  const writes = sessions.flat().filter(({ kind }) => kind === 'w');
  const numbers = new Map(writes.map((write, index) => [nameOf(write), index + 1]));
  const deleted = new Set(writes.filter(() => random() < how.deletions).map(nameOf));
  return sessions.map((steps) =>
    steps.map((step): Step => {
      const name = nameOf(step);
      const isDeleted = deleted.has(name);
      const value = how.values === undefined ? step.value : modulo(step.value ?? 0, how.values);
      const hasVersion = !step.isPending && random() < how.versions;
      const version = hasVersion ? numbers.get(name) : undefined;
      if (!isDeleted) return { ...step, value, version };
      return { ...step, kind: step.kind === 'w' ? 'd' : 'r', value: null, version };
    }),
  );
}

/** From 1 to `values`; 0 stays 0. */
function modulo(value: number, values: number): number {
  return value === 0 ? 0 : ((value - 1) % values) + 1;
}

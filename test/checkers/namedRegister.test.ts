// Compares the search that distinguishes writes by versions with every order of the operations, on
// histories with appends and compare-and-sets.
import { describe, expect, it } from 'vitest';
import { checkHistory, type History, type Recorded } from '../../src/checkers/index.ts';
import type { SetOperation } from '../../src/kernel/history.ts';
import { createRandomStream, type RandomStream, randomBelow } from '../../src/kernel/random.ts';

const COMMON = { incarnation: 1, key: 'x', server: null, applied: null };

interface Shape {
  readonly operations: number;
  /** The share of answers that carry a version. */
  readonly versions: number;
  readonly pending: number;
}

/** Operations of a store that takes effect somewhere within each; some answers are made up. */
function play(random: RandomStream, { operations, versions, pending }: Shape): Recorded[] {
  let text: string | null = null;
  let written = 0;
  return Array.from({ length: operations }, (_, line): Recorded => {
    const start = line * 2 - randomBelow(random, 5);
    const end = line * 2 + randomBelow(random, 5);
    const [value, expected] = [letter(random), random() < 0.3 ? null : letter(random)];
    const kind = (['put', 'get', 'get', 'append', 'cas', 'delete', 'pop', 'pop'] as const)[
      randomBelow(random, 8)
    ] as Exclude<Recorded['kind'], 'add' | SetOperation['kind']>;
    const isPending = kind !== 'get' && random() < pending;
    const isLying = random() < 0.1;
    const isSet = (text === expected) !== isLying;
    if (kind === 'put') text = value;
    if (kind === 'delete') text = null;
    if (kind === 'append') text = (text ?? '') + value;
    if (kind === 'cas' && text === expected) text = value;
    const popped: string | null = text === null ? null : text.slice(0, 1);
    if (kind === 'pop') text = text?.slice(1) ?? null;
    const hasPopped = kind !== 'pop' || popped !== null;
    const isWrite = kind !== 'get' && hasPopped && (kind !== 'cas' || isSet);
    if (isWrite) written = line + 1;
    const named = isLying ? randomBelow(random, line + 1) + 1 : written;
    const hasVersion = (isWrite || kind === 'get') && !isPending && random() < versions;
    const shared = {
      ...COMMON,
      session: line,
      seq: 0,
      outcome: isPending ? ('unknown' as const) : ('ok' as const),
      invokedAt: start,
      returnedAt: isPending ? null : end,
      version: hasVersion && named > 0 ? ([named, 0, 1] as const) : null,
      line: line + 1,
    };
    if (kind === 'cas')
      return { ...shared, kind, value, expected, isSet: isPending ? null : isSet };
    if (kind === 'append') return { ...shared, kind, value };
    if (kind === 'pop') {
      const isAbsent = popped === null && !isPending;
      const result = isPending ? null : isLying ? value : popped;
      const pop = { ...shared, kind, side: 'left' as const, value: result };
      return isAbsent && result === null ? { ...pop, outcome: 'absent' } : pop;
    }
    if (kind !== 'get') return { ...shared, kind, value: kind === 'put' ? value : null };
    return { ...shared, kind, value: text, outcome: text === null ? 'absent' : 'ok' };
  });
}

function letter(random: RandomStream): string {
  return 'ab'[randomBelow(random, 2)] as string;
}

/** What a key holds, and which operation left it. */
interface Held {
  readonly text: string | null;
  readonly writer: Recorded | undefined;
}

/** Tries every order, and every subset of the unanswered operations. */
function canOrder(operations: readonly Recorded[]): boolean {
  const isOpen = ({ outcome }: Recorded): boolean => outcome === 'unknown';
  const sources = new Map<Recorded, Recorded | undefined>();
  const place = (left: readonly Recorded[], held: Held): boolean => {
    if (left.every(isOpen)) return agree(sources, operations);
    return left.some((next) => {
      if (left.some((other) => isBefore(other, next))) return false;
      const after = apply(held, next);
      if (after === undefined) return false;
      if (next.kind === 'get') sources.set(next, held.writer);
      const others = left.filter((other) => other !== next);
      const isFine = place(others, after);
      sources.delete(next);
      return isFine;
    });
  };
  return place(operations, { text: null, writer: undefined });
}

function isBefore({ returnedAt }: Recorded, { invokedAt }: Recorded): boolean {
  return returnedAt !== null && returnedAt < invokedAt;
}

function apply(held: Held, operation: Recorded): Held | undefined {
  switch (operation.kind) {
    case 'get':
      return operation.value === held.text ? held : undefined;
    case 'append':
      return { text: (held.text ?? '') + operation.value, writer: operation };
    case 'cas': {
      const isEqual = held.text === operation.expected;
      if (operation.isSet !== null && operation.isSet !== isEqual) return undefined;
      return isEqual ? { text: operation.value, writer: operation } : held;
    }
    case 'pop': {
      const taken = held.text === null ? null : held.text.slice(0, 1);
      if (operation.outcome !== 'unknown' && operation.value !== taken) return undefined;
      return held.text === null ? held : { text: held.text.slice(1), writer: operation };
    }
    default:
      return { text: operation.value, writer: operation };
  }
}

/** Whether each version is one write: the one that has it or, if there is none, one without. */
function agree(
  sources: ReadonlyMap<Recorded, Recorded | undefined>,
  operations: readonly Recorded[],
): boolean {
  const reads = [...sources].filter(([read]) => read.version !== null);
  const nameOf = ({ version }: Recorded): string => String(version ?? '');
  return reads.every(([read, write]) => {
    if (write === undefined) return false;
    const isNamed = operations.some((op) => op.kind !== 'get' && nameOf(op) === nameOf(read));
    if (nameOf(write) !== (isNamed ? nameOf(read) : '')) return false;
    return reads.every(
      ([other, source]) => (nameOf(other) === nameOf(read)) === (source === write),
    );
  });
}

function judge(operations: readonly Recorded[]): string {
  const history: History = { operations, isTimed: true, transactions: 0 };
  return checkHistory(history, 'linearizable').outcome;
}

describe('an append of the empty text', () => {
  const shared = { session: 1, incarnation: 1, key: 'x', server: 0, applied: null, version: null };
  const append = { ...shared, kind: 'append', value: '', seq: 0, invokedAt: 1, line: 1 } as const;
  const get = {
    ...shared,
    session: 2,
    kind: 'get',
    seq: 0,
    invokedAt: 3,
    returnedAt: 4,
    line: 2,
  } as const;

  it.each([
    ['ok', '', 'holds'],
    ['ok', null, 'broken'],
    ['unknown', '', 'holds'],
    ['unknown', null, 'holds'],
    ['fail', '', 'broken'],
  ] as const)('makes the key exist: %s, then %j is read: %s', (outcome, value, expected) => {
    const returnedAt = outcome === 'unknown' ? null : 2;
    const read = { ...get, value, outcome: value === null ? ('absent' as const) : ('ok' as const) };
    expect(judge([{ ...append, outcome, returnedAt }, read])).toBe(expected);
  });
});

describe('appends, compare-and-sets and versions', () => {
  it.each([
    { operations: 6, versions: 0, pending: 0.15 },
    { operations: 6, versions: 0.7, pending: 0.15 },
    { operations: 6, versions: 1, pending: 0.3 },
    { operations: 7, versions: 0.8, pending: 0 },
  ])('are searched as every order is tried: %j', (shape) => {
    const random = createRandomStream(9, JSON.stringify(shape));
    const counts = { holds: 0, broken: 0 };
    for (let run = 0; run < 700; run += 1) {
      const operations = play(random, shape);
      const expected = canOrder(operations) ? 'holds' : 'broken';
      expect(judge(operations), JSON.stringify(operations)).toBe(expected);
      counts[expected] += 1;
    }
    expect(Math.min(counts.holds, counts.broken)).toBeGreaterThan(20);
  });
});

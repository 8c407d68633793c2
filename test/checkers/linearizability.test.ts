// Zones, search and permutations must agree: on every small history with every way of overlapping,
// and on random ones.
import { describe, expect, it } from 'vitest';
import { Readings } from '../../src/checkers/historyTable.ts';
import { judgeCalls, judgeLinearizability } from '../../src/checkers/linearizability.ts';
import { isWrite, normalize } from '../../src/checkers/normalize.ts';
import { linearizePartitions } from '../../src/checkers/partitions.ts';
import { type KeyCall, REGISTER } from '../../src/checkers/register.ts';
import { createTimes } from '../../src/checkers/times.ts';
import { linearize, type TimedCall } from '../../src/checkers/wingGong.ts';
import type { Operation } from '../../src/kernel/history.ts';
import { createRandomStream, type RandomStream, randomBelow } from '../../src/kernel/random.ts';
import { extent } from '../support/extent.ts';
import { holds } from './bruteForce.ts';
import { everyTimedHistory, randomHistories, some } from './generate.ts';
import { historyOf, type Sessions, show, toHistory } from './notation.ts';
import { canOrder } from './someOrder.ts';

/** A quick run looks at one of so many histories. */
const SPARSE = extent({ full: 1, quick: 40 });

function readingsOf(history: readonly Operation[]): Readings {
  return Readings.of(history);
}

function byZones(history: readonly Operation[]): string {
  return judgeLinearizability(readingsOf(history)).outcome;
}

function bySearch(history: readonly Operation[]): string {
  const normalized = normalize(history);
  const { start, end } = createTimes(normalized);
  const partitions = new Map<string, TimedCall<KeyCall>[]>();
  for (const [op, operation] of normalized.operations.entries()) {
    const { key, value } = operation;
    const write: KeyCall = value === null ? { kind: 'delete' } : { kind: 'put', value };
    const call: KeyCall = isWrite(operation) ? write : { kind: 'get', result: value };
    const calls = partitions.get(key) ?? [];
    calls.push({ call, start: start[op] as number, end: end[op] as number });
    partitions.set(key, calls);
  }
  return linearizePartitions(REGISTER, partitions).outcome;
}

function compare(histories: Iterable<Sessions>): { holds: number; broken: number } {
  const counts = { holds: 0, broken: 0 };
  for (const sessions of histories) {
    const history = toHistory(sessions);
    const expected = holds('linearizable', sessions) ? 'holds' : 'broken';
    const found = [byZones(history), bySearch(history), judgeCalls(history).outcome];
    if (found.some((outcome) => outcome !== expected)) {
      throw new Error(`zones and searches say ${found}, not ${expected}: ${show(sessions)}`);
    }
    counts[expected] += 1;
  }
  return counts;
}

describe('linearizability by zones and by search', () => {
  it('is what the definition says for every three operations of one key', () => {
    const { holds, broken } = compare(some(everyTimedHistory(3, 4), SPARSE));
    expect(Math.min(holds, broken)).toBeGreaterThan(1000 / SPARSE);
  });

  it('is what the definition says for random histories of one key', () => {
    const shape = { operations: 7, sessions: 4, keys: 1, pending: 0.2, isTimed: true };
    const { holds, broken } = compare(randomHistories(3, 6000 / SPARSE, shape));
    expect(Math.min(holds, broken)).toBeGreaterThan(1000 / SPARSE);
  });

  it('is what the definition says for random histories of two keys', () => {
    const shape = { operations: 8, sessions: 4, keys: 2, pending: 0.1, isTimed: true, wild: 0.02 };
    const { holds, broken } = compare(randomHistories(4, 3000 / SPARSE, shape));
    expect(Math.min(holds, broken)).toBeGreaterThan(500 / SPARSE);
  });

  it.each([
    ['w x1@0-10 | r x0@2-3, r x1@4-5', 'holds'],
    ['w x1@0-10 | r x1@2-3, r x0@4-5', 'broken'],
    ['w? x1@0- | r x0@2-3, r x1@400-500', 'holds'],
    ['w? x1@5- | r x1@2-3', 'broken'],
    ['w x1@0-1, d x@2-3 | r x-@4-5', 'holds'],
    ['w x1@0-1, d x@2-3 | r x1@4-5', 'broken'],
    ['w x1@0-1, d x@2-3, w x1@6-7, d x@8-9 | r x1@4-5', 'broken'],
    ['w x1@0-1, w x1@6-7 | r x1@2-8', 'holds'],
    ['w x1@0-1, w x2@2-3, w x1@6-7 | r x1@4-5', 'broken'],
    ['w x1^1@0-1, d x^2@2-3, d x^3@4-5 | r x-^2@6-7', 'broken'],
    // Ends and begins in one instant: concurrent between sessions, ordered within one.
    ['w x1@0-5 | r x0@5-6', 'holds'],
    ['w x1@0-5, r x0@5-6', 'broken'],
    ['w x1@0-5, r x1@5-5, r x0@5-6', 'broken'],
  ])('%s: %s', (text, expected) => {
    expect(byZones(historyOf(text))).toBe(expected);
  });

  it.each([
    ['w x1@0-5, w y1@5-9 | w z1@0-5, r x0@5-9', 'holds'],
    // Each read may come before the write of the other session, but not both.
    ['w x1@0-5, r y0@5-9 | w y1@0-5, r x0@5-9', 'broken'],
  ])('decides by a coarse clock, %s: %s', (text, expected) => {
    expect(judgeLinearizability(readingsOf(historyOf(text))).outcome).toBe(expected);
  });

  it('says so if the search by a coarse clock takes too long', () => {
    const history = historyOf('w x1@0-5, r y0@5-9 | w y1@0-5, r x0@5-9');
    expect(judgeLinearizability(readingsOf(history), 1)).toMatchObject({
      outcome: 'undecided',
      why: 'the search of all keys gave up after 1 states',
    });
  });

  it('says which operations do not fit, in lines of the script', () => {
    const history = historyOf('w x1@0-1, w x2@2-3 | r x2@4-5, r x1@6-7');
    expect(judgeLinearizability(readingsOf(history))).toMatchObject({
      outcome: 'broken',
      witness: {
        pattern: 'OverlappingZones',
        operations: [{ line: 1 }, { line: 4 }, { line: 2 }, {}],
      },
    });
    const twice = historyOf('w x1@0-1, w x2@2-3, w x1@4-5 | r x2@6-7');
    expect(judgeLinearizability(readingsOf(twice))).toMatchObject({
      outcome: 'broken',
      witness: { pattern: 'EnclosedZone' },
    });
    const same = historyOf('w x1@0-1, w x1@2-3, w x2@4-5 | r x1@6-7');
    expect(judgeLinearizability(readingsOf(same))).toMatchObject({
      outcome: 'broken',
      witness: {
        pattern: 'NoLinearization',
        operations: [{ line: 3 }, { line: 4 }],
        sentence:
          'No order of the operations explains that client 2 got x=1 (line 4): the longest one ' +
          'that fits ends with client 1 put x=2 (line 3).',
      },
    });
  });
});

describe('search', () => {
  it('agrees with permutations on append, pops, deletes and compare-and-set', () => {
    const random = createRandomStream(5, 'search');
    const counts = { holds: 0, broken: 0, unknown: 0 };
    for (let run = 0; run < 6000 / SPARSE; run += 1) {
      const calls = randomCalls(random, 6);
      const expected = canOrder(calls) ? 'holds' : 'broken';
      expect(linearize(REGISTER, calls, 1e6).outcome, JSON.stringify(calls)).toBe(expected);
      counts[expected] += 1;
    }
    expect(Math.min(counts.holds, counts.broken)).toBeGreaterThan(1000 / SPARSE);
  });

  it('finds the longest linearizable prefix', () => {
    const random = createRandomStream(6, 'prefix');
    for (let run = 0; run < 2000 / SPARSE; run += 1) {
      const calls = randomCalls(random, 6);
      const found = linearize(REGISTER, calls, 1e6);
      if (found.outcome !== 'broken') continue;
      const { end } = calls[found.culprit] as TimedCall<KeyCall>;
      expect(canOrder(upTo(calls, end, false)), JSON.stringify(calls)).toBe(true);
      expect(canOrder(upTo(calls, end, true)), JSON.stringify(calls)).toBe(false);
    }
  });

  it('gives up when its budget is spent, and says at which keys', () => {
    const put = (value: number): KeyCall => ({ kind: 'put', value: String(value) });
    const hard = Array.from({ length: 16 }, (_, n) => ({ call: put(n), start: 0, end: 100 }));
    const impossible = { call: { kind: 'get', result: 'never' } as const, start: 200, end: 201 };
    const easy = [{ call: put(1), start: 0, end: 1 }];
    const partitions = new Map([
      ['hard', [...hard, impossible]],
      ['easy', easy],
    ]);
    expect(linearizePartitions(REGISTER, partitions, 5000)).toEqual({
      outcome: 'undecided',
      undecided: ['hard'],
    });
  });
});

function randomCalls(random: RandomStream, count: number): TimedCall<KeyCall>[] {
  const letter = (): string => 'ab'[randomBelow(random, 2)] as string;
  const text = (): string => letter().repeat(randomBelow(random, 2)) + letter();
  const side = (): 'left' | 'right' => (random() < 0.5 ? 'left' : 'right');
  const makers: (() => KeyCall)[] = [
    () => ({ kind: 'put', value: text() }),
    () => ({ kind: 'get', result: random() < 0.3 ? null : text() }),
    () => ({ kind: 'append', value: letter(), side: side() }),
    () => ({ kind: 'pop', side: side(), result: random() < 0.3 ? null : letter() }),
    () => ({ kind: 'delete' }),
    () => {
      const result = random() < 0.5;
      return { kind: 'compareAndSet', expected: text(), value: text(), result };
    },
  ];
  return Array.from({ length: count }, () => {
    const call = (makers[randomBelow(random, makers.length)] as () => KeyCall)();
    const start = randomBelow(random, 8);
    if (call.kind === 'get' || random() > 0.15) {
      return { call, start, end: start + randomBelow(random, 5) };
    }
    const open = 'result' in call ? { ...call, result: undefined } : call;
    return { call: open, start, end: Number.POSITIVE_INFINITY };
  });
}

/**
 * What was known just before, or just after, everything that ends at `time` or before had ended.
 */
function upTo(
  calls: readonly TimedCall<KeyCall>[],
  time: number,
  isIncluded: boolean,
): TimedCall<KeyCall>[] {
  return calls
    .filter(({ start }) => start <= time)
    .map((timed) => {
      const isOver = isIncluded ? timed.end <= time : timed.end < time;
      return isOver ? timed : { ...timed, end: Number.POSITIVE_INFINITY };
    });
}

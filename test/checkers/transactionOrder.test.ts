// One order of all transactions, against every order; and reads of several keys, judged as
// snapshots.
import { describe, expect, it } from 'vitest';
import { checkHistory, summarizeHistory } from '../../src/checkers/index.ts';
import { readHistory } from '../../src/histories/index.ts';
import type { Operation } from '../../src/kernel/history.ts';
import { createRandomStream, type RandomStream, randomBelow } from '../../src/kernel/random.ts';
import { extent } from '../support/extent.ts';

interface Access {
  readonly isWrite: boolean;
  readonly key: string;
  readonly value: string | null;
}

interface Transaction {
  readonly session: number;
  readonly isAnswered: boolean;
  readonly from: number;
  readonly to: number;
  readonly accesses: readonly Access[];
}

/** Some reads return what the order of the file would give, so that some histories have one. */
function draw(random: RandomStream): Transaction[] {
  const below = (count: number): number => randomBelow(random, count);
  const store = new Map<string, string>();
  const ends = new Map<number, number>();
  return Array.from({ length: 2 + below(4) }, (_, number) => {
    const session = below(3);
    const from = Math.max(ends.get(session) ?? 0, 3 * number - below(6)) + 1;
    const to = from + 1 + below(8);
    ends.set(session, to);
    const isAnswered = below(6) > 0;
    const keys = ['a', 'b', 'c'].filter(() => below(3) > 0);
    const accesses = keys.map((key): Access => {
      if (below(2) === 0) return { isWrite: true, key, value: String(1 + below(3)) };
      const value = below(4) > 0 ? (store.get(key) ?? null) : String(1 + below(3));
      return { isWrite: false, key, value };
    });
    for (const { isWrite, key, value } of accesses) if (isWrite) store.set(key, value as string);
    return { session, isAnswered, from, to, accesses };
  }).filter(({ accesses }) => accesses.length > 0);
}

function toOperations(history: readonly Transaction[]): Operation[] {
  const seqs = new Map<number, number>();
  let line = 0;
  return history.flatMap(({ session, isAnswered, from, to, accesses }, number) =>
    accesses.map(({ isWrite, key, value }): Operation => {
      const seq = (seqs.get(session) ?? -1) + 1;
      seqs.set(session, seq);
      line += 1;
      return {
        ...{ session, incarnation: 1, seq, kind: isWrite ? 'put' : 'get', key, line },
        value: isWrite || isAnswered ? value : null,
        outcome: !isAnswered ? 'unknown' : value === null ? 'absent' : 'ok',
        ...{ invokedAt: from, returnedAt: isAnswered ? to : null },
        ...{ server: null, version: null, applied: null, transaction: String(number) },
      };
    }),
  );
}

/** Whether some order of the answered ones, and of some of the others, explains all reads. */
function hasOrder(history: readonly Transaction[], isTimed: boolean): boolean {
  const mustPrecede = (a: Transaction, b: Transaction): boolean => {
    if (!a.isAnswered) return false;
    const isEarlier = history.indexOf(a) < history.indexOf(b);
    return (a.session === b.session && isEarlier) || (isTimed && a.to < b.from);
  };
  const extend = (store: ReadonlyMap<string, string>, left: readonly Transaction[]): boolean => {
    if (left.every(({ isAnswered }) => !isAnswered)) return true;
    return left.some((next) => {
      if (left.some((other) => other !== next && mustPrecede(other, next))) return false;
      const after = new Map(store);
      for (const { isWrite, key, value } of next.accesses) {
        if (isWrite) after.set(key, value as string);
        else if (next.isAnswered && (after.get(key) ?? null) !== value) return false;
      }
      return extend(
        after,
        left.filter((other) => other !== next),
      );
    });
  };
  return extend(new Map(), history);
}

describe('random histories', () => {
  it('are judged as by every order', () => {
    const random = createRandomStream(1, 'orders of transactions');
    const counts = new Map<string, number>();
    for (let round = 0; round < extent({ full: 3_000, quick: 150 }); round += 1) {
      const drawn = draw(random);
      if (!drawn.some(({ isAnswered }) => isAnswered)) continue;
      const history = { operations: toOperations(drawn), isTimed: true, transactions: 1 };
      const summary = summarizeHistory(history);
      for (const level of ['linearizable', 'sequential'] as const) {
        const expected = hasOrder(drawn, level === 'linearizable') ? 'holds' : 'broken';
        const verdict = checkHistory(history, level);
        const told = `${level}: ${JSON.stringify(drawn)}`;
        expect(verdict.outcome, told).toBe(expected);
        const same = summary.verdicts.find((one) => one.level === level);
        expect(same?.outcome, told).toBe(expected);
        const name = `${level} ${expected}`;
        counts.set(name, (counts.get(name) ?? 0) + 1);
        if (verdict.outcome !== 'broken') continue;
        const shown = new Set(verdict.witness.operations);
        const part = history.operations.filter((one) => shown.has(one));
        expect(checkHistory({ ...history, operations: part }, level).outcome, told).toBe('broken');
      }
    }
    expect([...counts.keys()].sort()).toHaveLength(4);
    expect(Math.min(...counts.values())).toBeGreaterThan(5);
  });
});

/** Events of Jepsen, one after the other; each line: process, type, micro-operations. */
function judge(lines: readonly string[], level: 'linearizable' | 'sequential') {
  const text = lines.map((line, index) => {
    const [, process, type, value] = /^(\d) (\w+) (.*)$/.exec(line) as unknown as string[];
    return `{:process ${process} :type :${type} :f :txn :time ${1_000 * index} :value ${value}}`;
  });
  return checkHistory(readHistory(text.join('\n'), 'jepsen-edn'), level);
}

describe('a read of several keys', () => {
  const WRITES = [
    '0 invoke [[:w :x 1]]',
    '0 ok [[:w :x 1]]',
    '0 invoke [[:w :y 1]]',
    '1 invoke [[:r :x nil] [:r :y nil]]',
  ];

  it('is a snapshot', () => {
    const snapshot = [...WRITES, '1 ok [[:r :x 1] [:r :y nil]]', '0 ok [[:w :y 1]]'];
    expect(judge(snapshot, 'linearizable').outcome).toBe('holds');
  });

  it('that is none breaks both levels, although each key by itself is fine', () => {
    // Of two keys that are written in this order, it has the later one alone.
    const torn = [
      ...['0 invoke [[:w :x 1]]', '1 invoke [[:r :x nil] [:r :y nil]]', '0 ok [[:w :x 1]]'],
      ...['0 invoke [[:w :y 1]]', '0 ok [[:w :y 1]]', '1 ok [[:r :x nil] [:r :y 1]]'],
    ];
    expect(judge(torn, 'sequential').outcome).toBe('broken');
  });

  it('that sees two writes in another order than another one does breaks both', () => {
    const crossed = [
      ...['0 invoke [[:w :x 1]]', '1 invoke [[:w :y 1]]'],
      ...['2 invoke [[:r :x nil] [:r :y nil]]', '2 ok [[:r :x 1] [:r :y nil]]'],
      ...['3 invoke [[:r :x nil] [:r :y nil]]', '3 ok [[:r :x nil] [:r :y 1]]'],
      ...['0 ok [[:w :x 1]]', '1 ok [[:w :y 1]]'],
    ];
    for (const level of ['linearizable', 'sequential'] as const) {
      expect(judge(crossed, level)).toMatchObject({ outcome: 'broken' });
    }
  });

  it('that is late is no snapshot by the clock, and one without it', () => {
    const late = [
      ...['0 invoke [[:w :x 1] [:w :y 1]]', '0 ok [[:w :x 1] [:w :y 1]]'],
      ...['1 invoke [[:r :x nil] [:r :y nil]]', '1 ok [[:r :x nil] [:r :y nil]]'],
    ];
    expect(judge(late, 'linearizable')).toMatchObject({
      outcome: 'broken',
      witness: { pattern: 'NoLinearization' },
    });
    expect(judge(late, 'sequential').outcome).toBe('holds');
  });
});

// Histories with equal values and many reads in doubt: these must not be slow, nor overflow the
// stack.
import { describe, expect, it } from 'vitest';
import { Readings } from '../../src/checkers/historyTable.ts';
import { check } from '../../src/checkers/index.ts';
import type { Operation } from '../../src/kernel/history.ts';
import { createRandomStream, randomBelow } from '../../src/kernel/random.ts';
import { randomHistories } from './generate.ts';
import { historyOf, toHistory } from './notation.ts';

/** Few values, some of them deleted. */
function blurred(history: readonly Operation[]): Operation[] {
  return history.map((operation) => {
    const { kind, value } = operation;
    const few = value === null ? null : String(Number(value) % 3);
    if (few !== '0') return { ...operation, value: few };
    if (kind === 'put') return { ...operation, kind: 'delete', value: null };
    return { ...operation, value: null, outcome: 'absent' };
  });
}

describe('the likeliest write', () => {
  it('is the first of all candidates, and the choice of the second takes the second', () => {
    const shape = { operations: 30, sessions: 4, keys: 2, isTimed: true };
    let count = 0;
    for (const sessions of randomHistories(11, 200, shape)) {
      const readings = Readings.of(blurred(toHistory(sessions)));
      const { doubts, normalized } = readings;
      const [first, second] = [0, 1].map((option) => sourcesIn(readings, option));
      for (const { first: likeliest, candidates, reads } of doubts) {
        expect(candidates.length).toBeGreaterThan(1);
        expect(new Set(candidates).size).toBe(candidates.length);
        expect(candidates[0]).toBe(likeliest);
        for (const read of reads.map((read) => normalized.operations[read] as Operation)) {
          expect(first?.get(read)).toBe(normalized.operations[likeliest]);
          expect(second?.get(read)).toBe(normalized.operations[candidates[1] as number]);
        }
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(500);
  });
});

/** By read: the write that it has read if each doubt takes that option. */
function sourcesIn(readings: Readings, option: number): Map<Operation, Operation | undefined> {
  const { operations, from } = readings.table(readings.doubts.map(() => option));
  const sources = [...from].map((source) => operations[source]);
  return new Map(operations.map((operation, op) => [operation, sources[op]]));
}

describe('a register that holds two values in turn', () => {
  const PAIRS = 10_000;
  const operations = Array.from({ length: 2 * PAIRS }, (_, place): Operation => {
    const isWrite = place % 2 === 0;
    return {
      session: isWrite ? 1 : 2,
      incarnation: 1,
      seq: place >> 1,
      kind: isWrite ? 'put' : 'get',
      key: 'x',
      value: String((place >> 1) % 2),
      outcome: 'ok',
      invokedAt: 10 * place,
      returnedAt: 10 * place + 5,
      server: null,
      version: null,
      applied: null,
      line: place + 1,
    };
  });

  it.each(['linearizable', 'causal', 'monotonic-reads'] as const)('is found %s', (level) => {
    expect(check(operations, level).outcome).toBe('holds');
  });
});

describe('more readings than can be tried', () => {
  const keys = [...'abcdefghijklmno'];
  const puts = keys.map((key) => `w? ${key}1, w? ${key}1`).join(', ');
  const gets = keys.map((key) => `r ${key}1^3`).join(', ');

  it.each(['causal', 'causal-memory', 'causal-convergence', 'pram', 'sequential'] as const)(
    'do not hide that %s is broken by others',
    (level) => {
      const history = historyOf(`${puts} | ${gets} | w x1, w y1 | r y1, r x0`);
      const lines = history.slice(-4).map(({ line }) => line);
      const verdict = check(history, level);
      expect(verdict.outcome).toBe('broken');
      if (verdict.outcome !== 'broken') return;
      for (const { line } of verdict.witness.operations) expect(lines).toContain(line);
    },
  );

  it('are never broken for that by what only some readings break', () => {
    const history = historyOf(`${puts} | ${gets} | w x1, w y1 | r y1, r x1`);
    expect(check(history, 'causal').outcome).toBe('holds');
  });
});

/** Five clients of one register with five values, whose operations overlap; one read is wrong. */
function withOneBadRead(count: number): Operation[] {
  const random = createRandomStream(1, 'one bad read');
  const endedAt = [0, 0, 0, 0, 0];
  const operations: Operation[] = [];
  let held: string | null = null;
  for (let moment = 1; moment <= count; moment += 1) {
    const session = endedAt.findIndex((end) => end < moment);
    if (session < 0) continue;
    const isPut = held === null || random() < 0.5;
    if (isPut) held = String(randomBelow(random, 5));
    const isBad = moment === count / 2;
    const invokedAt = Math.max((endedAt[session] as number) + 0.001, moment - 3 * random());
    const returnedAt = isBad ? moment : moment + 3 * random();
    endedAt[session] = returnedAt;
    operations.push({
      session,
      incarnation: 1,
      seq: operations.length,
      kind: isPut && !isBad ? 'put' : 'get',
      key: 'x',
      value: isBad ? String((Number(held) + 2) % 5) : held,
      outcome: 'ok',
      invokedAt: isBad ? moment : invokedAt,
      returnedAt,
      server: null,
      version: null,
      applied: null,
      line: moment,
    });
  }
  return operations;
}

describe('one bad read among hundreds', () => {
  const operations = withOneBadRead(120);

  it('breaks linearizability', () => {
    expect(check(operations, 'linearizable').outcome).toBe('broken');
  });

  it.each(['causal-memory', 'causal-convergence', 'causal', 'pram', 'monotonic-reads'] as const)(
    'leaves %s, which few interpretations show',
    (level) => {
      expect(check(operations, level, { budget: 20 }).outcome).toBe('holds');
    },
  );
});

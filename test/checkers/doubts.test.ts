// Histories with equal values and many reads in doubt: these must not be slow, nor overflow the
// stack.
import { describe, expect, it } from 'vitest';
import { Readings } from '../../src/checkers/historyTable.ts';
import { check } from '../../src/checkers/index.ts';
import type { Operation } from '../../src/kernel/history.ts';
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

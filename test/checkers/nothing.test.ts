// A history without anything that a level needs leaves that level undecided.
import { describe, expect, it } from 'vitest';
import {
  check,
  checkHistory,
  type History,
  LEVELS,
  type Level,
  type Recorded,
  strongest,
  summarizeHistory,
} from '../../src/checkers/index.ts';
import type { Operation } from '../../src/kernel/history.ts';
import { historyOf } from './notation.ts';

const READS: readonly Level[] = [
  'read-your-writes-all-keys',
  'monotonic-reads-all-keys',
  'read-your-writes',
  'monotonic-reads',
];
const WRITES: readonly Level[] = ['monotonic-writes', 'writes-follow-reads'];

const [put, get] = historyOf('w x1^1@0-1, r x1^1@2-3') as [Operation, Operation];
const [, absent] = historyOf('w x1@0-1 | r x0@2-3') as [Operation, Operation];
const lost = { outcome: 'unknown', returnedAt: null, version: null } as const;

function whole(operations: readonly Recorded[]): History {
  return { operations, isTimed: true, transactions: 0 };
}

/** By level, why it is undecided; the same for every way to ask. */
function undecidedOf(operations: readonly Operation[]): Map<Level, string> {
  const found = new Map<Level, string>();
  for (const level of LEVELS) {
    const verdict = check(operations, level);
    expect(checkHistory(whole(operations), level)).toEqual(verdict);
    if (verdict.outcome === 'undecided') found.set(level, verdict.why);
  }
  const summary = strongest(operations);
  expect(summarizeHistory(whole(operations))).toEqual(summary);
  for (const { level, outcome } of summary.verdicts) {
    expect(outcome === 'undecided', level).toBe(found.has(level));
    if (outcome !== 'holds') expect(summary.strongest).not.toContain(level);
  }
  expect(summary.nothing).toBe(found.get('linearizable'));
  return found;
}

function all(levels: readonly Level[], why: string): Map<Level, string> {
  return new Map(levels.map((level) => [level, why]));
}

describe('every level is undecided', () => {
  it('without an operation', () => {
    expect(undecidedOf([])).toEqual(all(LEVELS, 'there was no operation'));
  });

  it('where none was answered', () => {
    const why = 'no operation was answered';
    for (const outcome of ['stale', 'fail'] as const) {
      expect(undecidedOf([{ ...put, outcome, version: null }])).toEqual(all(LEVELS, why));
    }
    expect(undecidedOf([{ ...put, ...lost }])).toEqual(all(LEVELS, why));
    expect(undecidedOf([{ ...get, ...lost, value: null }])).toEqual(all(LEVELS, why));
  });

  it('of a history of appends, or of transactions, in which none was answered', () => {
    const append = { ...put, ...lost, kind: 'append', value: 'a' } as const;
    for (const history of [whole([append]), { ...whole([]), transactions: 1 }]) {
      const { verdicts, strongest: held, nothing } = summarizeHistory(history);
      for (const verdict of verdicts) {
        expect(verdict).toMatchObject({ outcome: 'undecided', why: nothing });
        expect(checkHistory(history, verdict.level)).toEqual(verdict);
      }
      expect(held).toEqual([]);
    }
  });
});

describe('a guarantee', () => {
  it('about reads is undecided without one', () => {
    expect(undecidedOf([put])).toEqual(all(READS, 'no get was answered'));
    const refused = { ...get, outcome: 'stale', value: null, version: null } as const;
    expect(undecidedOf([put, refused])).toEqual(all(READS, 'no get was answered'));
  });

  it('that binds servers is undecided without a write', () => {
    const why = 'no put or delete was answered or read';
    expect(undecidedOf([absent])).toEqual(all(WRITES, why));
    // A put without an answer counts as soon as it is read.
    expect(undecidedOf([{ ...put, ...lost }, get])).toEqual(new Map());
    expect(undecidedOf([{ ...put, ...lost }, absent])).toEqual(all(WRITES, why));
  });

  it('has something to speak of where a read and a write were answered', () => {
    expect(undecidedOf([put, get])).toEqual(new Map());
  });

  it('is broken by what was never answered, if a read shows it', () => {
    const history = historyOf('w? x1@0-1 | r x1^5@2-3, w? x2@4-5 | r x2^4@6-7');
    expect(check(history, 'writes-follow-reads').outcome).toBe('broken');
  });
});

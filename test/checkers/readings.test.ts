// Equal writes: deletions, equal values, unanswered ones. A history has a level if at least one
// assignment of sources to reads has it, and versions hold in each of them.
import { describe, expect, it } from 'vitest';
import { Readings } from '../../src/checkers/historyTable.ts';
import { check, type Level } from '../../src/checkers/index.ts';
import { judgeReadings } from '../../src/checkers/interpretations.ts';
import { whyNothing } from '../../src/checkers/subject.ts';
import { broken } from '../../src/checkers/verdict.ts';
import type { Operation } from '../../src/kernel/history.ts';
import { createRandomStream } from '../../src/kernel/random.ts';
import { extent } from '../support/extent.ts';
import { type BruteLevel, holdsForSomeOrder, holdsInSomeReading } from './bruteForce.ts';
import { blur, everyHistory, everyTimedHistory, randomHistory, some } from './generate.ts';
import { historyOf, type Sessions, type Step, show, toHistory } from './notation.ts';

const TIMELESS = ['sequential', 'causal-memory', 'causal-convergence', 'causal', 'pram'] as const;
const ALL = ['linearizable', ...TIMELESS] as const;

/** A quick run looks at one of so many histories. */
const SPARSE = extent({ full: 1, quick: 80 });

type Counts = Map<string, number>;

/** Throws at the first disagreement with the definitions; counts the verdicts. */
function compare(
  histories: Iterable<Sessions>,
  levels: readonly BruteLevel[],
  counts: Counts = new Map(),
): Counts {
  for (const sessions of histories) {
    const history = toHistory(sessions);
    for (const level of levels) {
      if (whyNothing(history, level) !== undefined) continue;
      const { outcome } = check(history, level);
      const expected = holdsInSomeReading(level, sessions) ? 'holds' : 'broken';
      if (outcome !== expected) {
        throw new Error(`${level}: ${outcome}, should be ${expected}: ${show(sessions)}`);
      }
      counts.set(`${level} ${outcome}`, (counts.get(`${level} ${outcome}`) ?? 0) + 1);
    }
  }
  return counts;
}

function expectBothKinds(counts: Counts, levels: readonly BruteLevel[], least: number): void {
  for (const level of levels) {
    expect(counts.get(`${level} holds`), level).toBeGreaterThan(least);
    expect(counts.get(`${level} broken`), level).toBeGreaterThan(least);
  }
}

/** With versions of the writes and, of half of the reads that have a write, of these. */
function* withVersions(seed: number, histories: Iterable<Sessions>): Generator<Sessions> {
  const random = createRandomStream(seed, 'versions');
  for (const sessions of histories) {
    yield blur(random, sessions, { deletions: 0.5, versions: 0.7 });
  }
}

function* blurred(seed: number, count: number, operations: number): Generator<Sessions> {
  const random = createRandomStream(seed, 'blurred');
  for (let run = 0; run < count; run += 1) {
    const pending = run % 3 === 0 ? 0.3 : 0;
    const shape = { operations, sessions: 3, keys: 1 + (run % 2), pending, wild: 0.05 };
    yield blur(random, randomHistory(random, { ...shape, isTimed: true }), {
      deletions: [0.2, 0.5, 0.8][run % 3] as number,
      versions: [0, 0.5, 0.8, 1][run % 4] as number,
      ...(run % 7 < 3 ? { values: 2 } : {}),
    });
  }
}

/** Others are compared without deletions. */
function* withDoubts(histories: Iterable<Sessions>): Generator<Sessions> {
  for (const sessions of histories) {
    const steps = sessions.flat();
    const deleted = new Set(steps.filter(({ kind }) => kind === 'd').map(({ key }) => key));
    const isInDoubt = ({ kind, key, value }: Step): boolean =>
      kind === 'r' && !value && deleted.has(key);
    if (steps.some(isInDoubt)) yield sessions;
  }
}

describe('histories with deletions are judged by what their definitions say', () => {
  it('on every one of three operations, unanswered writes included', () => {
    const counts = compare(withDoubts(everyHistory(3, ['x', 'y'], true, true)), TIMELESS);
    expectBothKinds(counts, TIMELESS, 2);
  });

  it('on every one of four operations', () => {
    const histories = some(withDoubts(everyHistory(4, ['x', 'y'], false, true)), SPARSE);
    expectBothKinds(compare(histories, TIMELESS), TIMELESS, 100 / SPARSE);
  });

  it('on every one of four operations, some with versions', () => {
    const histories = some(everyHistory(4, ['x'], true), SPARSE);
    expectBothKinds(compare(withVersions(1, histories), TIMELESS), TIMELESS, 200 / SPARSE);
  });

  it('in time, on every three operations of one key, with every way to overlap', () => {
    const histories = withVersions(2, some(everyTimedHistory(3, 3), SPARSE));
    expectBothKinds(compare(histories, ['linearizable']), ['linearizable'], 500 / SPARSE);
  });

  it('on random ones, with few values, with versions and without', () => {
    const counts = compare(blurred(3, 1000 / SPARSE, 6), ALL);
    expectBothKinds(compare(blurred(4, 200 / SPARSE, 7), ALL, counts), ALL, 150 / SPARSE);
  });

  it('whether one reading is asked for, or any order that makes the texts right', () => {
    for (const [count, keys, levels] of [
      [3, ['x', 'y'], ['causal', 'causal-memory', 'causal-convergence']],
      // Only here one read might be explained by different writes.
      [4, ['x'], ['causal-memory']],
    ] as const) {
      for (const sessions of withDoubts(everyHistory(count, keys, false, true))) {
        for (const level of levels) {
          const isFine = holdsInSomeReading(level, sessions);
          expect(holdsForSomeOrder(level, sessions), `${level}: ${show(sessions)}`).toBe(isFine);
        }
      }
    }
  });
});

describe('a read in doubt', () => {
  it('leaves the others what their versions say', () => {
    const history = historyOf('r x- | r x-^3, d x^3');
    for (const level of ALL) expect(check(history, level).outcome, level).toBe('broken');
    const later = historyOf('r x- | r x-^3, d x^3 | d? x@4-, r x-@5-6');
    for (const level of ALL) expect(check(later, level).outcome, level).toBe('broken');
  });

  it.each([
    // The versions order the reads; the last one may have read anything.
    ['w x1^1@0-1, w x1^2@2-3 | r x1^2@4-5, r x1^1@6-7, r x1@8-9', 'broken'],
    ['w x1^1@0-1, w x1^2@2-3 | r x1^2@4-5, r x1@6-7, r x1^2@8-9', 'holds'],
    ['w x1^1@0-1, d x^2@2-3, d x^3@4-5 | r x-^2@6-7, r x-@8-9', 'broken'],
    ['w x1^1@0-1, d x^2@2-3, d x^3@4-5 | r x-^3@6-7, r x-@8-9', 'holds'],
    // One write has one version.
    ['w? x1@0- | r x1^2@2-3, r x1^3@4-5', 'broken'],
    ['w? x1@0-, w? x1@1- | r x1^2@2-3, r x1^3@4-5', 'holds'],
    ['w? x1@0-, w? x1@1- | r x1^2@2-3, r x1^3@4-5, r x1^2@6-7', 'broken'],
    ['w? x1@0-, w? x1@1- | r x1^2@2-3, r x1@4-5, r x1^3@6-7, r x1@8-9', 'holds'],
  ] as const)('%s is %s, not by its text alone', (text, outcome) => {
    expect(check(historyOf(text), 'linearizable').outcome).toBe(outcome);
  });

  it('of one version keeps another version from having its write', () => {
    const history = historyOf('r x0, d x, d x, r x-^1, r x-, r x-^2');
    for (const level of TIMELESS) expect(check(history, level).outcome, level).toBe('broken');
    const both = historyOf('w? x1, w? x2 | r x1^3, r x2^3');
    for (const level of ALL) expect(check(both, level).outcome, level).toBe('broken');
  });

  it('is an absence that any deletion explains, or that there was nothing yet', () => {
    const elsewhere = historyOf('d x^1@0-1 | r x-@2-3');
    const applied = elsewhere.map((operation, place): Operation => {
      return { ...operation, server: place, applied: place === 0 ? [[0, 1, 1]] : [] };
    });
    for (const level of ALL) expect(check(applied, level).outcome, level).toBe('holds');
    // A tombstone's version names the one deletion.
    const named = historyOf('w x1^1@0-1, d x^2@2-3, d x^3@4-5 | r x-^2@6-7');
    expect(check(named, 'linearizable').outcome).toBe('broken');
    const unnamed = historyOf('w x1^1@0-1, d x^2@2-3, d x^3@4-5 | r x-@6-7');
    expect(check(unnamed, 'linearizable').outcome).toBe('holds');
  });
});

describe('many reads in doubt', () => {
  const PAIRS = 40;
  /** A session that deletes a key and puts it again, and one that finds it absent each time. */
  const turns = Array.from({ length: PAIRS }, (_, turn) => `d x, w x${turn + 1}, w y${turn + 1}`);
  const finds = Array.from({ length: PAIRS }, (_, turn) => `r y${turn + 1}, r x${turn + 1}`);

  it.each(TIMELESS)('are found to keep %s', (level) => {
    const text = `${turns.join(', ')} | ${finds.join(', r x-, ')}`;
    expect(check(historyOf(text), level).outcome).toBe('holds');
  });

  it.each(TIMELESS)('do not hide that the last one breaks %s', (level) => {
    const text = `${turns.join(', ')} | ${finds.join(', r x-, ')}, r x-`;
    expect(check(historyOf(text), level).outcome).toBe('broken');
  });
});

describe('the search for a reading', () => {
  const readings = Readings.of(historyOf('w x1, w x1, w x1 | r x1, r x1, r x1'));
  const never = () => broken('NoSequentialOrder', [], 'never');

  it('ends when every reading is excluded', () => {
    expect(judgeReadings(readings, never, { isMonotone: false }).outcome).toBe('broken');
  });

  it('gives up, with a reason, when its budget is spent', () => {
    expect(judgeReadings(readings, never, { isMonotone: false, budget: 26 })).toMatchObject({
      outcome: 'undecided',
      why: expect.stringContaining('26 readings'),
    });
  });

  it('finds out which choices suffice to break a level', () => {
    let count = 0;
    const { doubts } = readings;
    expect(doubts).toHaveLength(3);
    const last = doubts[2]?.candidates[2] as number;
    // Only the last read matters, and only one of its three writes is right.
    const found = judgeReadings(
      readings,
      ({ operations, from, numbers }) => {
        count += 1;
        const read = operations.findIndex(({ session, seq }) => session === 2 && seq === 2);
        const isRight = read < 0 || numbers[from[read] as number] === last;
        return isRight ? { outcome: 'holds' } : never();
      },
      { isMonotone: true },
    );
    expect(found.outcome).toBe('holds');
    expect(count).toBeLessThan(20);
  });
});

describe('what follows from other levels', () => {
  const text = 'w x1, r y0, w y1, r x1 | w x2, r y0, w y2, r x2';

  it('makes a level broken where the search for it has given up', () => {
    const both = historyOf(`w z1, r z0 | ${text}`);
    const levels: Level[] = ['sequential', 'causal-memory', 'causal-convergence'];
    for (const level of levels) {
      expect(check(both, level, { budget: 1 }), level).toMatchObject({
        outcome: 'broken',
        witness: { operations: [{ line: 1 }, { line: 2 }] },
      });
    }
    expect(check(historyOf(text), 'sequential', { budget: 1 }).outcome).toBe('undecided');
  });
});

// Compares the checkers of CC, CCv, CM, PRAM and sequential consistency with their definitions, on
// every small history and on many larger ones.
import { describe, expect, it } from 'vitest';
import { judgeConvergence, viewCausally } from '../../src/checkers/causal.ts';
import { judgeCausalMemory, judgePram } from '../../src/checkers/causalMemory.ts';
import { createHistoryTable } from '../../src/checkers/historyTable.ts';
import { check } from '../../src/checkers/index.ts';
import { whyNothing } from '../../src/checkers/subject.ts';
import type { Judgement } from '../../src/checkers/verdict.ts';
import { extent, sample } from '../support/extent.ts';
import { type BruteLevel, holds, holdsForSomeOrder } from './bruteForce.ts';
import { everyHistory, randomHistories } from './generate.ts';
import { type Sessions, show, toHistory } from './notation.ts';

const LEVELS = ['causal', 'causal-convergence', 'causal-memory', 'pram', 'sequential'] as const;

/** Their definitions know no causal order. */
const ONE_ORDER: ReadonlySet<BruteLevel> = new Set(['pram', 'sequential']);

function judge(sessions: Sessions): Map<BruteLevel, Judgement> {
  const history = toHistory(sessions);
  const view = viewCausally(createHistoryTable(history));
  return new Map([
    ['causal', view.causal],
    ['causal-convergence', judgeConvergence(view)],
    ['causal-memory', judgeCausalMemory(view)],
    ['pram', judgePram(view.table)],
    ['sequential', check(history, 'sequential')],
  ]);
}

/** How many histories held and how many did not, by level; throws at the first disagreement. */
function compare(histories: Iterable<Sessions>, brute = holds): Map<string, number> {
  const counts = new Map<string, number>();
  for (const sessions of histories) {
    const isSilent = whyNothing(toHistory(sessions), 'sequential') !== undefined;
    for (const [level, { outcome }] of judge(sessions)) {
      // The check of one level says nothing of a history without an answered operation.
      if (isSilent && level === 'sequential') continue;
      const expected = brute(level, sessions) ? 'holds' : 'broken';
      if (outcome !== expected) {
        throw new Error(`${level}: ${outcome}, should be ${expected}: ${show(sessions)}`);
      }
      const name = `${level} ${outcome}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return counts;
}

/** A quick run looks at one of so many histories of a part. */
const SPARSE = extent({ full: 1, quick: 3 });

/** Many histories are compared in parts: all of them in one test would take long. */
const PARTS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

function* takePart(histories: Iterable<Sessions>, part: number): Generator<Sessions> {
  let count = 0;
  for (const sessions of histories) {
    if (count % (SPARSE * PARTS.length) === part) yield sessions;
    count += 1;
  }
}

function expectBothKinds(counts: Map<string, number>, least: number): void {
  for (const level of LEVELS) {
    expect(counts.get(`${level} holds`)).toBeGreaterThan(least);
    expect(counts.get(`${level} broken`)).toBeGreaterThan(least);
  }
}

describe('CC, CCv, CM, PRAM and sequential consistency are what their definitions say', () => {
  it('on every history of up to three operations, with every causal order tried', () => {
    const brute = (level: BruteLevel, sessions: Sessions): boolean =>
      (ONE_ORDER.has(level) ? holds : holdsForSomeOrder)(level, sessions);
    for (const count of [1, 2, 3]) compare(everyHistory(count, ['x', 'y'], false), brute);
  });

  it.each(sample(PARTS, 1))(
    'on every history of four operations, unanswered writes included: part %i',
    (part) => {
      expectBothKinds(compare(takePart(everyHistory(4, ['x', 'y'], true), part)), 100 / SPARSE);
    },
  );

  it.each(sample(PARTS, 1))('on every history of five operations: part %i', (part) => {
    expectBothKinds(compare(takePart(everyHistory(5, ['x', 'y'], false), part)), 100 / SPARSE);
  });

  it('on random histories of seven operations', () => {
    const shape = { operations: 7, sessions: 3, keys: 2, pending: 0.15 };
    const count = extent({ full: 5000, quick: 200 });
    expectBothKinds(compare(randomHistories(1, count, shape)), count / 10);
  });
});

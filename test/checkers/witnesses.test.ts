// Every witness that can be had: over all small histories, random ones, fixtures of all formats, and
// the shipped scripts.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { check, LEVELS, strongest, type Verdict } from '../../src/checkers/index.ts';
import type { Operation } from '../../src/kernel/history.ts';
import { createRandomStream, randomBelow } from '../../src/kernel/random.ts';
import { everyHistory, everyTimedHistory, randomHistories } from './generate.ts';
import { playLoosely, strip } from './looseStore.ts';
import { historyOf, toHistory } from './notation.ts';
import { expectGoodWitnesses } from './witness.ts';

function judgeAll(histories: Iterable<readonly Operation[]>): Map<string, number> {
  const patterns = new Map<string, number>();
  for (const history of histories) {
    const verdicts = LEVELS.map((level) => check(history, level));
    for (const [pattern, count] of expectGoodWitnesses(history, verdicts)) {
      patterns.set(pattern, (patterns.get(pattern) ?? 0) + count);
    }
  }
  return patterns;
}

function* sample<T>(items: Iterable<T>, every: number): Generator<T> {
  let index = 0;
  for (const item of items) {
    if (index % every === 0) yield item;
    index += 1;
  }
}

function* map<A, B>(items: Iterable<A>, change: (item: A) => B): Generator<B> {
  for (const item of items) yield change(item);
}

describe('a witness', () => {
  it('of small', () => {
    const p = judgeAll(map(sample(everyHistory(4, ['x', 'y'], true), 5), toHistory));
    console.log(p);
  });
  it('of timed', () => {
    const p = judgeAll(map(sample(everyTimedHistory(3, 4), 10), toHistory));
    console.log(p);
  });
  it('of random', () => {
    const shape = { operations: 12, sessions: 4, keys: 2, pending: 0.1, isTimed: true, wild: 0.05 };
    const p = judgeAll(map(randomHistories(9, 500, shape), toHistory));
    console.log(p);
  });
  it.each(['vectors', 'unnamed', 'versions', 'values'] as const)('of loose %s', (view) => {
    const random = createRandomStream(12, 'witnesses');
    const shape = { sessions: 3, deletes: 0.3, pending: 0.1, gets: 0.6 };
    const histories = Array.from({ length: 300 }, () =>
      strip(playLoosely(random, { ...shape, operations: 4 + randomBelow(random, 10) }), view),
    );
    console.log(judgeAll(histories));
  });
});

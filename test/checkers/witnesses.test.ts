// Every witness is sufficient by itself, and minimal: on small histories, random ones, fixtures of
// all formats, the shipped scripts, and runs of a workload.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  check,
  checkHistory,
  type History,
  LEVELS,
  type Recorded,
  type Verdict,
} from '../../src/checkers/index.ts';
import { readHistory } from '../../src/histories/index.ts';
import type { Operation } from '../../src/kernel/history.ts';
import { createRandomStream, type RandomStream, randomBelow } from '../../src/kernel/random.ts';
import { simulate, withHistory } from '../scripts/programs.ts';
import { listShippedScripts } from '../scripts/shipped.ts';
import { extent, IS_FULL, sample } from '../support/extent.ts';
import { everyHistory, everyTimedHistory, randomHistories, some } from './generate.ts';
import { playLoosely, strip } from './looseStore.ts';
import { historyOf, toHistory } from './notation.ts';
import { findFault } from './witness.ts';

/** A quick run looks at one of so many histories. */
const SPARSE = extent({ full: 1, quick: 40 });

type Patterns = Map<string, number>;

/** Throws at a verdict with a bad witness. Counts the patterns. */
function expectGood(
  history: History,
  patterns: Patterns = new Map(),
  levels: readonly Verdict['level'][] = LEVELS,
): Patterns {
  const judge = (operations: readonly Recorded[], level: Verdict['level']): Verdict =>
    checkHistory({ ...history, operations }, level, { budget: 20_000 });
  for (const level of levels) {
    const verdict = judge(history.operations, level);
    if (verdict.outcome !== 'broken') continue;
    const { pattern, sentence, operations } = verdict.witness;
    const fault = findFault(verdict, (part) => judge(part, level), history.operations);
    if (fault !== undefined) {
      const [shown, all] = [operations, history.operations].map((list) =>
        list.map((operation) => JSON.stringify(operation)).join('\n'),
      );
      throw new Error(`${level}: ${fault}: ${sentence}\n${shown}\n of\n${all}`);
    }
    patterns.set(pattern, (patterns.get(pattern) ?? 0) + 1);
  }
  return patterns;
}

function expectAllGood(
  histories: Iterable<readonly Recorded[]>,
  levels?: readonly Verdict['level'][],
): Patterns {
  const patterns: Patterns = new Map();
  for (const operations of histories) {
    expectGood({ operations, isTimed: true, transactions: 0 }, patterns, levels);
  }
  return patterns;
}

function* change<A, B>(items: Iterable<A>, to: (item: A) => B): Generator<B> {
  for (const item of items) yield to(item);
}

/** Puts of two values, among many. */
function blurred(history: readonly Operation[]): Operation[] {
  return history.map((operation) => {
    const { value } = operation;
    return { ...operation, value: value === null ? null : String(Number(value) % 2) };
  });
}

describe('a witness breaks its level by itself, and none of its operations can be left out', () => {
  it('on small histories', () => {
    expectAllGood(change(some(everyHistory(4, ['x', 'y'], true), 16 * SPARSE), toHistory));
    expectAllGood(change(some(everyHistory(5, ['x', 'y'], false), 80 * SPARSE), toHistory));
    const patterns = expectAllGood(change(some(everyTimedHistory(3, 4), 40 * SPARSE), toHistory));
    expect(patterns.get('EnclosedZone')).toBeGreaterThan(50 / SPARSE);
  });

  it('on random histories', () => {
    const shape = { operations: 12, sessions: 4, keys: 2, pending: 0.1, isTimed: true, wild: 0.05 };
    const patterns = expectAllGood(change(randomHistories(9, 250 / SPARSE, shape), toHistory));
    const open = { ...shape, wild: 0, pending: 0 };
    const others = expectAllGood(change(randomHistories(10, 250 / SPARSE, open), toHistory));
    expect(new Set([...patterns.keys(), ...others.keys()]).size).toBeGreaterThanOrEqual(
      extent({ full: 12, quick: 9 }),
    );
  });

  it.each(['vectors', 'unnamed', 'versions', 'values'] as const)(
    'on runs of a careless store, from %s',
    (view) => {
      const random = createRandomStream(12, 'witnesses');
      const shape = { sessions: 3, deletes: 0.3, pending: 0.1, gets: 0.6 };
      const runs = Array.from({ length: 120 / SPARSE }, () =>
        strip(playLoosely(random, { ...shape, operations: 4 + randomBelow(random, 10) }), view),
      );
      const patterns = expectAllGood(runs);
      for (const pattern of ['ReadYourWrites', 'MonotonicReads', 'WriteCOInitRead', 'CyclicHB']) {
        if (IS_FULL) expect(patterns.get(pattern), pattern).toBeGreaterThan(0);
      }
      if (view === 'values') expectAllGood(runs.slice(0, 40).map(blurred));
    },
  );

  it('where writes depend on what was before', () => {
    const random = createRandomStream(13, 'mixed');
    const runs = Array.from({ length: 300 / SPARSE }, () => playMixed(random, 20));
    const patterns = expectAllGood(runs);
    expect(patterns.get('NoLinearization')).toBeGreaterThan(50 / SPARSE);
  });

  it('where a compare-and-set is a read and a write', () => {
    const random = createRandomStream(14, 'compared');
    const runs = Array.from({ length: 300 / SPARSE }, () =>
      playMixed(random, 14).filter(({ kind }) => kind !== 'append'),
    );
    const patterns = expectAllGood(runs);
    expect(patterns.get('CyclicCO')).toBeGreaterThan(0);
  });

  it.each(['test/checkers/histories', 'test/histories/files'])(
    'on the fixtures in %s',
    (folder) => {
      for (const file of sample(readdirSync(folder), 15)) {
        const text = readFileSync(`${folder}/${file}`, 'utf8');
        expectGood(
          folder.endsWith('files')
            ? readHistory(text, file.split('.')[0] as string)
            : {
                operations: historyOf(text.replaceAll(/#.*/g, '').trim().replaceAll('\n', ' ')),
                isTimed: true,
                transactions: 0,
              },
        );
      }
    },
  );

  it.each(sample(listShippedScripts(), 4))('on the run of $name', async ({ path }) => {
    const { history } = await withHistory(simulate, readFileSync(path));
    expectGood({ operations: history, isTimed: true, transactions: 0 });
  });

  it('on a workload, whose operations are named by number, client and time', async () => {
    const script = `${[
      'protocol causal gossip=off',
      ...[0, 1].map((id) => `joinServer ${id}`),
      ...[10, 11, 12, 13].map((id) => `joinClient ${id} ${id % 2}`),
      'workload ops=60 keys=2 inflight=4',
      'check',
    ].join('\n')}\n`;
    const { history, stdout } = await withHistory(simulate, Buffer.from(script));
    expectGood({ operations: history, isTimed: true, transactions: 0 });
    expect(stdout).toMatch(
      /broken \(.*client 1[0-3] .* \(operation [0-9]+ of line 8, at [0-9]+ ms\)/,
    );
    expect(stdout).toMatch(/\n {2}line 8, operation [0-9]+, at [0-9]+ ms: get 1[0-3] k[01] -> /);
    expect(new Set(history.map(({ number }) => number)).size).toBe(60);
  });
});

/** A register with compare-and-set and append, which sometimes lies. */
function playMixed(random: RandomStream, count: number): Recorded[] {
  let state: string | null = null;
  return Array.from({ length: count }, (_, index): Recorded => {
    const shared = {
      ...{ session: 1 + (index % 3), incarnation: 1, seq: index, key: 'x', line: index + 1 },
      ...{ invokedAt: 4 * index, returnedAt: 4 * index + randomBelow(random, 7) },
      ...{ server: null, version: null, applied: null, outcome: 'ok' as const },
    };
    const value = 'ab'[randomBelow(random, 2)] as string;
    const isWrong = random() < 0.1;
    switch (randomBelow(random, 5)) {
      case 0:
        state = value;
        return { ...shared, kind: 'put', value };
      case 1:
        state = (state ?? '') + value;
        return { ...shared, kind: 'append', value };
      case 2: {
        const expected = 'ab'[randomBelow(random, 2)] as string;
        const isSet = (state === expected) !== isWrong;
        if (isSet) state = value;
        return { ...shared, kind: 'cas', expected, value, isSet };
      }
      default: {
        const found: string | null = isWrong ? value : state;
        const outcome = found === null ? 'absent' : 'ok';
        return { ...shared, kind: 'get', value: found, outcome };
      }
    }
  });
}

describe('what a test of witnesses finds', () => {
  const history = historyOf('w x1, w y1, w z1 | r y1, r x0');
  const verdict = check(history, 'causal');
  const judge = (operations: readonly Recorded[]): Verdict =>
    checkHistory({ operations, isTimed: true, transactions: 0 }, 'causal');
  const fault = (operations: readonly Operation[], told = 'no x (line 5).'): string | undefined => {
    if (verdict.outcome !== 'broken') throw new Error(verdict.outcome);
    const witness = { ...verdict.witness, operations, sentence: told };
    return findFault({ ...verdict, witness }, judge, history);
  };
  const [x, y, z, got, none] = history as [Operation, Operation, Operation, Operation, Operation];

  it('is what is missing, what is too much, and a stranger in the sentence', () => {
    expect(fault([x, y, got, none])).toBeUndefined();
    expect(fault([x, got, none])).toBe('it breaks the level by ThinAirRead');
    expect(fault([x, y, none])).toBe('by itself it does not break the level');
    expect(fault([x, y, z, got, none])).toBe('line 3 could be left out');
    expect(fault([x, y, got, none, none])).toBe('an operation is there twice');
    expect(fault([x, y, got, none], 'client 1 put z=1 (line 3).')).toContain('line 3');
    expect(fault([x, y, got, none], 'undefined wrote that (line 5).')).toBe('no sentence');
  });
});

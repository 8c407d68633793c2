// Convergence and loss after a stabilize, on stores made by hand.
import { describe, expect, it } from 'vitest';
import {
  checkConvergence,
  type Stabilization,
  type StoreEntry,
  type StoreSnapshot,
} from '../../src/checkers/index.ts';
import type { Operation, VectorTuples, VersionTuple } from '../../src/kernel/history.ts';

function entry(key: string, value: string | null, version: VersionTuple): StoreEntry {
  return { key, value, version };
}

function store(
  id: number,
  entries: readonly StoreEntry[],
  applied: VectorTuples | null = null,
  incarnation = 1,
): StoreSnapshot {
  return { server: { id, incarnation }, entries, applied };
}

function stabilize(
  components: readonly (readonly number[])[],
  after: readonly StoreSnapshot[],
  before: readonly StoreSnapshot[] = [],
): Stabilization {
  return { line: 9, at: 100, components, before, after };
}

function write(value: string | null, version: VersionTuple | null, line = 1): Operation {
  const outcome = version === null ? 'unknown' : 'ok';
  const returnedAt = version === null ? null : line + 0.5;
  const kind = value === null ? 'delete' : 'put';
  const told = {
    kind,
    key: 'x',
    value,
    version,
    outcome,
    invokedAt: line,
    returnedAt,
    line,
  } as const;
  return { session: 5, incarnation: 1, seq: line, server: 0, applied: null, ...told };
}

const ONE = entry('x', '1', [1, 0, 1]);
const TWO = entry('x', '2', [2, 1, 1]);
const GONE = entry('x', null, [3, 1, 1]);

function kinds(history: readonly Operation[], ...stabilizations: Stabilization[]): string[] {
  const { outcome, problems } = checkConvergence(history, stabilizations);
  expect(outcome).toBe(problems.length === 0 ? 'holds' : 'violated');
  return problems.map(({ kind }) => kind);
}

describe('after a stabilize', () => {
  it('the servers of one part hold the same, those of another may differ', () => {
    const [a, b, c] = [store(0, [TWO]), store(1, [TWO]), store(2, [ONE])] as const;
    expect(kinds([], stabilize([[0, 1], [2]], [a, b, c]))).toEqual([]);
    expect(kinds([], stabilize([[0, 1, 2]], [a, b, c]))).toEqual(['different-stores']);
    const { problems } = checkConvergence([], [stabilize([[0, 2]], [a, c])]);
    expect(problems[0]?.sentence).toBe(
      'After the stabilize in line 9 server 0 has x=2 (version 2,1,1), but server 2 has x=1 ' +
        '(version 1,0,1).',
    );
  });

  it('equal values of different versions are different', () => {
    const other = entry('x', '2', [7, 0, 1]);
    const stores = [store(0, [TWO]), store(1, [other])];
    expect(kinds([], stabilize([[0, 1]], stores))).toEqual(['different-stores']);
  });

  it('a deletion that one server has forgotten is the same as one that is remembered', () => {
    expect(kinds([], stabilize([[0, 1]], [store(0, [GONE]), store(1, [])]))).toEqual([]);
  });

  it('nothing is older than any of them had it before', () => {
    const before = [store(0, [TWO]), store(1, [ONE])];
    const both = (held: StoreEntry[]): StoreSnapshot[] => [store(0, held), store(1, held)];
    expect(kinds([], stabilize([[0, 1]], both([TWO]), before))).toEqual([]);
    const older = kinds([], stabilize([[0, 1]], both([ONE]), before));
    expect(new Set(older)).toEqual(new Set(['older-than-before']));
    expect(kinds([], stabilize([[0, 1]], both([]), before))).toContain('older-than-before');
    const deleted = [store(0, [GONE]), store(1, [ONE])];
    expect(kinds([], stabilize([[0, 1]], both([]), deleted))).toEqual([]);
  });

  it('no acknowledged write of a server that is there is missing', () => {
    const history = [write('1', [1, 0, 1])];
    expect(kinds(history, stabilize([[0]], [store(0, [ONE])]))).toEqual([]);
    expect(kinds(history, stabilize([[0]], [store(0, [TWO])]))).toEqual([]);
    expect(kinds(history, stabilize([[0]], [store(0, [])]))).toEqual(['lost-write']);
    expect(kinds(history, stabilize([[0], [1]], [store(0, [ONE]), store(1, [])]))).toEqual([]);
    const late = { ...stabilize([[0]], [store(0, [])]), at: 1 };
    expect(kinds(history, late)).toEqual([]);
  });

  it('a deletion makes up for a write, also when it is forgotten', () => {
    const put = write('1', [1, 0, 1]);
    const empty = stabilize([[0]], [store(0, [], [[0, 1, 3]])]);
    expect(kinds([put, write(null, [3, 0, 1], 2)], empty)).toEqual([]);
    expect(kinds([put, write(null, null, 2)], empty)).toEqual([]);
    expect(kinds([write('1', [4, 0, 1]), write(null, [3, 0, 1], 2)], empty)).toEqual([
      'lost-write',
    ]);
  });

  it('what died with its server is counted and no violation', () => {
    const history = [write('1', [1, 0, 1])];
    const reborn = stabilize([[0, 1]], [store(0, [], null, 2), store(1, [])]);
    expect(checkConvergence(history, [reborn, reborn])).toEqual({
      outcome: 'holds',
      problems: [],
      lostWithTheirServer: history,
    });
    const saved = stabilize([[0], [1]], [store(0, [], null, 2), store(1, [ONE])]);
    expect(checkConvergence(history, [saved]).lostWithTheirServer).toEqual([]);
  });
});

describe('at any time', () => {
  it('servers with the same writes hold the same, also in different parts', () => {
    const stores = [
      store(0, [TWO], [[1, 1, 2]]),
      store(
        1,
        [ONE],
        [
          [1, 1, 2],
          [0, 1, 0],
        ],
      ),
    ];
    const parts = [[0], [1]];
    expect(kinds([], stabilize(parts, stores))).toEqual(['same-writes-different-stores']);
    expect(kinds([], stabilize(parts, [], stores))).toEqual(['same-writes-different-stores']);
    const fine = [store(0, [TWO], [[1, 1, 2]]), store(1, [ONE], [[0, 1, 1]])];
    expect(kinds([], stabilize(parts, fine))).toEqual([]);
  });
});

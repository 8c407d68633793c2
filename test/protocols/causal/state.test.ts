import { describe, expect, it } from 'vitest';
import { CLOCK_JUMP } from '../../../src/clocks/lamport.ts';
import { VersionVector } from '../../../src/clocks/versionVector.ts';
import type { Entry } from '../../../src/protocols/causal/entry.ts';
import { CausalState } from '../../../src/protocols/causal/state.ts';

const SESSION = { id: 100, incarnation: 1 };
const NOTHING = new VersionVector();

const entry = (key: string, value: string | null, timestamp: number, id = 2): Entry => ({
  key,
  value,
  version: { timestamp, origin: { id, incarnation: 1 } },
});
const vector = (...tuples: [number, number, number][]) => VersionVector.fromTuples(tuples);
const createState = (id = 1) => new CausalState({ id, incarnation: 1 });

/** Everything that can be seen of a state. */
function show(state: CausalState) {
  return structuredClone({
    clock: state.clock.time,
    applied: state.applied.toTuples(),
    entries: [...state.entries()],
    beyond: state.entriesBeyond(NOTHING),
    hasDeletions: state.hasDeletions(),
  });
}

/** A state with a write of its own and one of a peer. */
function createUsed(): CausalState {
  const state = createState();
  state.write(SESSION, 1, { key: 'a', value: '1' });
  state.merge(NOTHING, [entry('b', '2', 5)], vector([2, 1, 5]));
  return state;
}

describe('a write', () => {
  it('is above all that the server has seen, and read at once', () => {
    const state = createUsed();
    const version = state.write(SESSION, 2, { key: 'b', value: '3' });
    expect(version).toEqual({ timestamp: 6, origin: { id: 1, incarnation: 1 } });
    expect(state.read('b')).toEqual({ key: 'b', value: '3', version });
    expect(state.applied.toTuples()).toEqual([
      [1, 1, 6],
      [2, 1, 5],
    ]);
  });

  it('applies once for each count of its session (G7, B33)', () => {
    const state = createState();
    const first = state.write(SESSION, 1, { key: 'a', value: '1' });
    const before = show(state);
    expect(state.write(SESSION, 1, { key: 'a', value: '1' })).toBe(first);
    expect(show(state)).toEqual(before);
    state.write(SESSION, 2, { key: 'a', value: '2' });
    const after = show(state);
    expect(state.write(SESSION, 1, { key: 'a', value: '1' })).toBeUndefined();
    expect(show(state)).toEqual(after);
  });

  it('counts for each life of a session anew', () => {
    const state = createState();
    state.write(SESSION, 1, { key: 'a', value: '1' });
    const next = { ...SESSION, incarnation: 2 };
    expect(state.write(next, 1, { key: 'a', value: '2' })).toMatchObject({ timestamp: 2 });
  });

  it('that was refused as stale stays refused, also when the server has caught up', () => {
    const state = createState();
    const guard = vector([2, 1, 5]);
    expect(state.write(SESSION, 1, { key: 'a', value: '1' }, guard)).toBe('stale');
    expect(show(state)).toEqual(show(createState()));
    state.merge(NOTHING, [entry('b', '2', 5)], vector([2, 1, 5]));
    expect(state.write(SESSION, 1, { key: 'a', value: '1' }, guard)).toBe('stale');
    expect(state.read('a')).toBeUndefined();
    expect(state.write(SESSION, 2, { key: 'a', value: '1' }, guard)).toMatchObject({
      timestamp: 6,
    });
  });
});

describe('merge', () => {
  it('refuses what begins beyond this server, with nothing changed', () => {
    const state = createUsed();
    const before = show(state);
    expect(state.merge(vector([2, 1, 6]), [entry('c', '1', 8)], vector([2, 1, 8]))).toBe(false);
    expect(show(state)).toEqual(before);
  });

  it('changes nothing the second time', () => {
    const state = createUsed();
    const before = show(state);
    expect(state.merge(NOTHING, [entry('b', '2', 5)], vector([2, 1, 5]))).toBe(true);
    expect(show(state)).toEqual(before);
  });

  it('lets the later version win, then the larger server', () => {
    const state = createState();
    state.merge(NOTHING, [entry('k', 'two', 5, 2)], vector([2, 1, 5]));
    state.merge(NOTHING, [entry('k', 'three', 5, 3)], vector([3, 1, 5]));
    state.merge(NOTHING, [entry('k', 'zero', 5, 0)], vector([0, 1, 5]));
    state.merge(NOTHING, [entry('k', 'old', 4, 9)], vector([9, 1, 4]));
    expect(state.read('k')?.value).toBe('three');
    expect(state.entriesBeyond(NOTHING)).toHaveLength(1);
  });

  it('takes the clock over from what the vector names, entries or not (C1)', () => {
    const state = createState();
    state.merge(NOTHING, [], vector([2, 1, 9], [3, 1, 4]));
    expect(state.clock.time).toBe(9);
  });

  it('keeps an empty deletion apart from an empty value', () => {
    const state = createState();
    state.merge(NOTHING, [entry('a', '', 1), entry('b', null, 2)], vector([2, 1, 2]));
    expect([...state.values()]).toEqual([['a', '']]);
    expect(state.hasDeletions()).toBe(true);
  });
});

describe('a transfer that no peer of the protocol sends', () => {
  const bomb = CLOCK_JUMP + 100;
  it.each([
    ['a clock bomb at the end', [entry('c', '1', 6), entry('d', '1', bomb)], 'E_CLOCK_JUMP', bomb],
    ['a clock bomb in the vector alone', [entry('c', '1', 6)], 'E_CLOCK_JUMP', bomb],
    ['entries out of order', [entry('c', '1', 8), entry('d', '1', 7)], 'E_BAD_REQUEST', 8],
    ['one version twice', [entry('c', '1', 8), entry('d', '1', 8)], 'E_BAD_REQUEST', 8],
    ['an entry beyond its vector', [entry('c', '1', 9)], 'E_BAD_REQUEST', 8],
    ['an entry of a life outside it', [entry('c', '1', 7, 3)], 'E_BAD_REQUEST', 8],
  ])('%s: is refused whole, with nothing changed (B30)', (_name, entries, code, timestamp) => {
    const state = createUsed();
    const before = show(state);
    expect(() => state.merge(NOTHING, entries, vector([2, 1, timestamp]))).toThrow(
      expect.objectContaining({ code }),
    );
    expect(show(state)).toEqual(before);
    expect(state.merge(NOTHING, [entry('c', '1', 6)], vector([2, 1, 6]))).toBe(true);
  });
});

describe('entriesBeyond', () => {
  it('gives winners in causal order, whichever life they are from', () => {
    const state = createState();
    state.merge(NOTHING, [entry('a', '1', 1, 3), entry('b', '1', 4, 3)], vector([3, 1, 4]));
    state.merge(NOTHING, [entry('c', '1', 2, 2), entry('d', '1', 4, 2)], vector([2, 1, 4]));
    const keys = (from: VersionVector) => state.entriesBeyond(from).map(({ key }) => key);
    expect(keys(NOTHING)).toEqual(['a', 'c', 'd', 'b']);
    expect(keys(vector([3, 1, 1]))).toEqual(['c', 'd', 'b']);
    expect(keys(vector([3, 1, 4], [2, 1, 3]))).toEqual(['d']);
    expect(keys(state.applied)).toEqual([]);
    expect(keys(vector([3, 2, 9], [2, 2, 9]))).toEqual(['a', 'c', 'd', 'b']);
  });

  it('is exact for every base, before and after superseded entries are swept', () => {
    const state = createState();
    for (let seq = 1; seq <= 500; seq += 1) {
      state.write(SESSION, seq, { key: seq % 7 === 0 ? 'hot' : `k${seq % 5}`, value: `${seq}` });
      const kept = [...state.entries()].map(({ version }) => version.timestamp);
      for (let base = Math.max(0, seq - 40); base <= seq; base += 1) {
        const beyond = state.entriesBeyond(vector([1, 1, base]));
        const expected = kept.filter((timestamp) => timestamp > base).sort((x, y) => x - y);
        expect(beyond.map(({ version }) => version.timestamp)).toEqual(expected);
      }
    }
  });
});

describe('collect', () => {
  it('collects the tombstones inside the vector, and no others', () => {
    const state = createState();
    state.write(SESSION, 1, { key: 'a', value: null });
    state.write(SESSION, 2, { key: 'b', value: null });
    state.write(SESSION, 3, { key: 'c', value: '1' });
    state.collect(1, vector([1, 1, 1]));
    expect(state.read('a')).toBeUndefined();
    expect(state.read('b')?.value).toBeNull();
    expect(state.hasDeletions()).toBe(true);
    state.collect(1, vector([1, 1, 3]));
    expect(state.hasDeletions()).toBe(false);
    expect(state.entriesBeyond(NOTHING).map(({ key }) => key)).toEqual(['c']);
    expect(state.applied.toTuples()).toEqual([[1, 1, 3]]);
  });

  it('remembers which deletions it collected, and tells it to the servers that take over', () => {
    const state = createState();
    state.write(SESSION, 1, { key: 'a', value: null });
    state.write(SESSION, 2, { key: 'b', value: '1' });
    state.write(SESSION, 3, { key: 'c', value: null });
    state.collect(1, vector([1, 1, 2]));
    expect(state.collected.toTuples()).toEqual([[1, 1, 1]]);
    const other = createState(2);
    other.merge(NOTHING, state.entriesBeyond(NOTHING), state.applied, state.collected);
    expect(other.collected.toTuples()).toEqual([[1, 1, 1]]);
    const refused = vector([3, 1, 1]);
    expect(other.merge(vector([3, 1, 1]), [], refused, refused)).toBe(false);
    expect(other.collected.toTuples()).toEqual([[1, 1, 1]]);
  });

  it('does not bring back what the deletion beat, when it arrives again', () => {
    const state = createState();
    const old = [entry('a', 'old', 1)];
    state.merge(NOTHING, old, vector([2, 1, 1]));
    state.write(SESSION, 1, { key: 'a', value: null });
    state.collect(1, state.applied.copy());
    expect(state.merge(NOTHING, old, vector([2, 1, 1]))).toBe(true);
    expect([...state.values()]).toEqual([]);
  });

  it('lets a key be written again', () => {
    const state = createState();
    state.write(SESSION, 1, { key: 'a', value: null });
    state.collect(1, state.applied.copy());
    state.write(SESSION, 2, { key: 'a', value: 'new' });
    state.collect(1, state.applied.copy());
    expect([...state.values()]).toEqual([['a', 'new']]);
  });
});

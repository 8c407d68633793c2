import { describe, expect, it } from 'vitest';
import { toVersionTuple } from '../../../src/clocks/version.ts';
import { VersionVector } from '../../../src/clocks/versionVector.ts';
import type { VectorTuples } from '../../../src/kernel/history.ts';
import type { Options } from '../../../src/kernel/protocol.ts';
import { type Entry, WeakState } from '../../../src/protocols/weak/state.ts';

const SESSION = { id: 5, incarnation: 1 };
const NOTHING = new VersionVector();

function createServer(id: number, options: Options = {}, wallClock = () => 0) {
  const state = new WeakState({ id, incarnation: 1 }, options, wallClock);
  let seq = 0;
  return {
    state,
    put(key: string, value: string | null, guard: VectorTuples = []) {
      seq += 1;
      const request = { session: SESSION, seq };
      return state.write(request, { key, value }, VersionVector.fromTuples(guard));
    },
  };
}

const versionOf = (outcome: Entry | string) => toVersionTuple((outcome as Entry).version);
const valueAt = (state: WeakState, key: string) => state.read(key)?.value;

describe('a write', () => {
  it('has a later version than all that the server has, also by what came from others', () => {
    const [zero, one] = [createServer(0), createServer(1)];
    expect(versionOf(zero.put('x', 'a'))).toEqual([1, 0, 1]);
    expect(versionOf(zero.put('y', 'b'))).toEqual([2, 0, 1]);
    one.state.merge(zero.state.tell());
    expect(versionOf(one.put('x', 'c'))).toEqual([3, 1, 1]);
    expect(one.state.applied.toTuples()).toEqual([
      [0, 1, 2],
      [1, 1, 3],
    ]);
  });

  it('is refused by a server that lacks what the guard has, and has no effect', () => {
    const { state, put } = createServer(1);
    expect(put('x', 'a', [[0, 1, 1]])).toBe('stale');
    expect([...state.entries(), ...state.applied.toTuples()]).toEqual([]);
  });

  it('applies once: a copy gets the outcome of the first, a late one is refused', () => {
    const { state } = createServer(0);
    const request = { session: SESSION, seq: 1 };
    const first = state.write(request, { key: 'x', value: 'a' }, NOTHING);
    expect(state.write(request, { key: 'x', value: 'a' }, NOTHING)).toBe(first);
    state.write({ ...request, seq: 2 }, { key: 'x', value: 'b' }, NOTHING);
    expect(() => state.write(request, { key: 'x', value: 'a' }, NOTHING)).toThrow('a late copy');
    expect(valueAt(state, 'x')).toBe('b');
  });

  it('that was refused stays refused, although the server has caught up', () => {
    const [zero, one] = [createServer(0), createServer(1)];
    zero.put('x', 'a');
    const request = { session: SESSION, seq: 1 };
    const guard = zero.state.applied.copy();
    expect(one.state.write(request, { key: 'y', value: 'b' }, guard)).toBe('stale');
    one.state.merge(zero.state.tell());
    expect(one.state.write(request, { key: 'y', value: 'b' }, guard)).toBe('stale');
    expect(one.state.read('y')).toBeUndefined();
  });
});

describe('a merge', () => {
  /** Two servers that took a write of x at the same time, and then told each other. */
  function exchange(options: Options) {
    const [zero, one] = [createServer(0, options), createServer(1, options)];
    zero.put('x', 'of zero');
    one.put('x', 'of one');
    const [a, b] = [zero.state.tell(), one.state.tell()];
    zero.state.merge(b);
    one.state.merge(a);
    return [valueAt(zero.state, 'x'), valueAt(one.state, 'x')];
  }

  it('keeps the write with the greater version, at every server', () => {
    expect(exchange({})).toEqual(['of one', 'of one']);
  });

  it('with breaks=convergence keeps what it has, of two with the same time', () => {
    expect(exchange({ breaks: 'convergence' })).toEqual(['of zero', 'of one']);
  });

  it('twice, or in any order, gives the same', () => {
    const [zero, one, two] = [createServer(0), createServer(1), createServer(2)];
    zero.put('x', 'a');
    const old = zero.state.tell();
    zero.put('x', null);
    const latest = zero.state.tell();
    for (const told of [latest, old, latest]) one.state.merge(told);
    for (const told of [old, latest, old]) two.state.merge(told);
    expect(one.state.tell()).toEqual(two.state.tell());
    expect(valueAt(one.state, 'x')).toBeNull();
  });
});

describe('with stamps=wall', () => {
  it('a write loses against one that its server had, from a clock that is ahead', () => {
    const ahead = createServer(0, { stamps: 'wall' }, () => 60_000);
    const { state, put } = createServer(1, { stamps: 'wall' }, () => 1_000);
    ahead.put('x', 'old');
    state.merge(ahead.state.tell());
    expect(versionOf(put('x', 'new', [[0, 1, 60_000]]))).toEqual([1_000, 1, 1]);
    expect(valueAt(state, 'x')).toBe('old');
  });

  it('no version of a life comes twice, when its clock stands or goes back', () => {
    const times = [500, 500, 20];
    const { put } = createServer(0, { stamps: 'wall' }, () => times.shift() as number);
    const stamps = ['a', 'b', 'c'].map((value) => versionOf(put('x', value))[0]);
    expect(stamps).toEqual([500, 501, 502]);
  });
});

describe('a compare-and-set', () => {
  function compare(state: WeakState, seq: number, expected: string, guard: VectorTuples = []) {
    const asked = { key: 'x', expected, value: `new ${seq}` };
    const request = { session: { id: 6, incarnation: 1 }, seq };
    return state.compareAndSet(request, asked, VersionVector.fromTuples(guard));
  }

  it('writes where the server has the value that it expects', () => {
    const { state, put } = createServer(0);
    const held = put('x', 'a');
    expect(compare(state, 1, 'a')).toMatchObject({ found: held, entry: { value: 'new 1' } });
    expect(valueAt(state, 'x')).toBe('new 1');
    expect(compare(state, 2, 'a')).toMatchObject({ entry: undefined });
    put('x', null);
    expect(compare(state, 3, '')).toMatchObject({ found: { value: null }, entry: undefined });
  });

  it('knows only what this server has', () => {
    const [zero, one] = [createServer(0), createServer(1)];
    zero.put('x', 'a');
    one.state.merge(zero.state.tell());
    const outcomes = [zero, one].map(({ state }) => compare(state, 1, 'a'));
    expect(outcomes).toMatchObject([{ entry: { value: 'new 1' } }, { entry: { value: 'new 1' } }]);
    expect(compare(createServer(2).state, 1, 'a')).toMatchObject({ found: undefined });
  });

  it('applies once, and is refused by a server that lacks what its session has seen', () => {
    const { state, put } = createServer(0);
    put('x', 'a');
    const first = compare(state, 1, 'a');
    put('x', 'a');
    expect(compare(state, 1, 'a')).toBe(first);
    expect(valueAt(state, 'x')).toBe('a');
    expect(compare(state, 2, 'a', [[9, 1, 1]])).toBe('stale');
  });
});

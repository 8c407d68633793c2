import { describe, expect, it } from 'vitest';
import type { VectorTuples, VersionTuple } from '../../../src/kernel/history.ts';
import { messages } from '../../../src/protocols/causal/messages.ts';
import { options, readGossipMode } from '../../../src/protocols/causal/options.ts';
import { createCausalReplica } from '../../../src/protocols/causal/replica.ts';
import type { CausalState } from '../../../src/protocols/causal/state.ts';
import { FakeEnv } from '../../support/fakeEnv.ts';

/** Server 1.1 has x = "1" at time 1, y deleted at time 2; and z = "3" of server 2.1 at time 3. */
function createServer() {
  const world = new FakeEnv({ id: 1, incarnation: 1 }, messages);
  const replica = createCausalReplica(world.env, { gossip: 'off' });
  const { write, read } = replica.handlers;
  const put = (seq: number, key: string, value: string | null, guard: VectorTuples | null = null) =>
    write(100, { session: [100, 1], seq, key, value, guard, clock: 0 });
  const get = (
    key: string,
    dependsOn: VersionTuple | null = null,
    guard: VectorTuples | null = null,
  ) => read(100, { key, dependsOn, guard, clock: 0 });
  put(1, 'x', '1');
  put(2, 'y', null);
  replica.connected(2, 'server');
  replica.handlers.push(2, {
    since: [],
    entries: [['z', '3', 3, 2, 1]],
    transfer: 1,
    part: 0,
    last: true,
    applied: [[2, 1, 3]],
    collected: [],
    clock: 3,
  });
  return { replica, put, get, state: replica.state as CausalState };
}

const SEEN: VersionTuple = [1, 1, 1];
/** Nothing here has applied these: a later write of a known life, and one of another life. */
const UNSEEN: VersionTuple[] = [
  [4, 2, 1],
  [1, 1, 2],
];

describe('a read', () => {
  it.each([
    ['x', null, { status: 'ok', value: '1', version: [1, 1, 1] }],
    ['x', SEEN, { status: 'ok', value: '1', version: [1, 1, 1] }],
    ['y', null, { status: 'absent', value: null, version: [2, 1, 1] }],
    ['none', null, { status: 'absent', value: null, version: null }],
    ['none', SEEN, { status: 'absent', value: null, version: null }],
  ] as const)('of %s that depends on %j is answered', (key, dependsOn, answer) => {
    expect(createServer().get(key, dependsOn)).toMatchObject(answer);
  });

  it.each([
    ['x', []],
    ['y', [[1, 1, 2]]],
    ['z', []],
    ['none', [[1, 1, 2]]],
  ] as const)('of %s names the deletions that may have decided it: %j', (key, collected) => {
    const { get, state } = createServer();
    state.collect(1, state.applied.copy());
    expect(get(key)).toMatchObject({ collected });
    expect(get(key, [4, 2, 1])).toMatchObject({ status: 'stale', collected: [] });
  });

  it.each(['x', 'y', 'z', 'none'])(
    'of %s is ERR_DEP if the session depends on what is not here, before anything else',
    (key) => {
      for (const dependsOn of UNSEEN) {
        expect(createServer().get(key, dependsOn)).toMatchObject({ status: 'stale', value: null });
      }
    },
  );

  it('is not made up for by a later write: seen is seen (Terry et al.)', () => {
    const { get } = createServer();
    expect(get('z', [2, 3, 1])).toMatchObject({ status: 'stale' });
    expect(get('z', [2, 1, 1])).toMatchObject({ status: 'ok', value: '3' });
  });

  it('is guarded by the whole of a causal session, whatever the key', () => {
    const { get } = createServer();
    const all: VectorTuples = [
      [1, 1, 2],
      [2, 1, 3],
    ];
    expect(get('x', null, all)).toMatchObject({ status: 'ok' });
    expect(get('none', null, all)).toMatchObject({ status: 'absent' });
    expect(get('x', SEEN, [...all, [3, 1, 1]])).toMatchObject({ status: 'stale' });
    expect(get('none', null, [[1, 1, 3]])).toMatchObject({ status: 'stale' });
  });

  it('says what the server had applied, and changes nothing but the clock', () => {
    const { get, state, replica } = createServer();
    const applied = [
      [1, 1, 2],
      [2, 1, 3],
    ];
    expect(get('x')).toMatchObject({ applied, clock: 3 });
    replica.handlers.read(100, { key: 'x', dependsOn: null, guard: null, clock: 40 });
    expect(state.clock.time).toBe(40);
    expect(state.applied.toTuples()).toEqual(applied);
  });

  it('with a clock bomb is refused (B30)', () => {
    const { replica, state } = createServer();
    const bomb = { key: 'x', dependsOn: null, guard: null, clock: 2 ** 53 - 1 };
    expect(() => replica.handlers.read(100, bomb)).toThrow(
      expect.objectContaining({ code: 'E_CLOCK_JUMP' }),
    );
    expect(state.clock.time).toBe(3);
  });
});

describe('a write', () => {
  it('is above the clock that it carries', () => {
    const { replica } = createServer();
    const request = { session: [5, 1] as [number, number], seq: 1, key: 'k', value: 'v' };
    const answer = replica.handlers.write(5, { ...request, guard: null, clock: 30 });
    expect(answer).toMatchObject({ status: 'ok', version: [31, 1, 1], clock: 31 });
  });

  it('of a causal session is refused where something is missing, and stays refused', () => {
    const { put, replica, get } = createServer();
    const guard: VectorTuples = [[2, 1, 4]];
    expect(put(3, 'x', 'new', guard)).toMatchObject({ status: 'stale', version: null });
    replica.handlers.push(2, {
      since: [],
      entries: [['z', '4', 4, 2, 1]],
      transfer: 2,
      part: 0,
      last: true,
      applied: [[2, 1, 4]],
      collected: [],
      clock: 4,
    });
    expect(put(3, 'x', 'new', guard)).toMatchObject({ status: 'stale' });
    expect(get('x')).toMatchObject({ value: '1' });
    expect(put(4, 'x', 'new', guard)).toMatchObject({ status: 'ok' });
  });

  it('has the same answer the second time, and a late copy of an old one is refused (G7)', () => {
    const { put, state } = createServer();
    expect(put(2, 'y', null)).toMatchObject({ status: 'ok', version: [2, 1, 1] });
    const before = state.applied.toTuples();
    expect(() => put(1, 'x', 'late')).toThrow(expect.objectContaining({ code: 'E_BAD_REQUEST' }));
    expect(state.applied.toTuples()).toBe(before);
  });
});

describe('the gossip option', () => {
  const { refuse } = options.gossip ?? {};

  it.each([
    ['eager', 'eager'],
    ['off', 'off'],
    ['200ms', 200],
    ['1', 1],
    ['9999999ms', 9_999_999],
  ])('takes %s', (text, mode) => {
    expect(refuse?.(text)).toBeUndefined();
    expect(readGossipMode({ gossip: text })).toBe(mode);
  });

  it.each([
    '',
    'on',
    '0',
    '0ms',
    '-5',
    '1.5',
    '1e3',
    '200 ms',
    '200s',
    '99999999',
    ' eager',
    'Off',
  ])('refuses %j', (text) => {
    expect(refuse?.(text)).toMatch(/eager, off, or milliseconds/);
  });
});

it('a write in the name of another session is refused, and changes nothing', () => {
  const { replica, state } = createServer();
  const before = state.clock.time;
  const forged = { session: [101, 1] as [number, number], seq: 1, key: 'x', value: 'forged' };
  expect(() => replica.handlers.write(100, { ...forged, guard: null, clock: 9 })).toThrow(
    'the session of 101',
  );
  expect([state.clock.time, state.read('x')?.value]).toEqual([before, '1']);
});

import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../../src/kernel/ids.ts';
import { CALL_TIMEOUT_MS, OPERATION_DEADLINE_MS } from '../../../src/kernel/limits.ts';
import { messages } from '../../../src/protocols/causal/messages.ts';
import { createCausalSession } from '../../../src/protocols/causal/session.ts';
import type { SessionState } from '../../../src/protocols/causal/sessionState.ts';
import { FakeEnv } from '../../support/fakeEnv.ts';

type Tuple = [number, number, number];

function createClient(servers: readonly NodeId[], guarantees: readonly string[] = []) {
  const world = new FakeEnv({ id: 9, incarnation: 2 }, messages);
  const session = createCausalSession(world.env, { gossip: 'eager' }, guarantees);
  for (const server of servers) session.connected(server);
  return { world, session, state: session.state as SessionState };
}

const written = (version: Tuple) => ({
  status: 'ok',
  version,
  applied: [[version[1], version[2], version[0]]],
  clock: version[0],
});
const read = (value: string | null, version: Tuple | null, more: object = {}) => ({
  status: value === null ? 'absent' : 'ok',
  value,
  version,
  applied: [],
  collected: [],
  clock: version?.[0] ?? 0,
  ...more,
});
const stale = { status: 'stale', value: null, version: null, applied: [], collected: [], clock: 7 };

describe('a client without a server', () => {
  it('fails at once, certainly: nothing was sent', async () => {
    const { session, world } = createClient([]);
    const nothing = { outcome: 'fail', value: null, server: null, version: null, applied: null };
    expect(await session.put('k', 'v')).toEqual(nothing);
    expect(await session.delete('k')).toEqual(nothing);
    expect(await session.get('k')).toEqual(nothing);
    session.connected(1);
    session.disconnected(1);
    expect(await session.get('k')).toEqual(nothing);
    expect(world.calls).toEqual([]);
  });
});

describe('the choice of a server', () => {
  it('is drawn by the seed and noted, servers in ascending order', async () => {
    const { session, world } = createClient([3, 1, 2]);
    world.chances.push(0.9, 0, 0.5);
    for (const expected of [3, 1, 2]) {
      const get = session.get('k');
      await world.take('read', expected).answer(read(null, null));
      await get;
    }
    expect(world.notes).toEqual(
      [3, 1, 2].map((server) => ({ label: 'choose', detail: { server, of: [1, 2, 3] } })),
    );
  });

  it('is none with one server, and is not noted', async () => {
    const { session, world } = createClient([4]);
    const put = session.put('k', 'v');
    await world.take('write', 4).answer(written([1, 4, 1]));
    expect(await put).toMatchObject({ outcome: 'ok', server: 4 });
    expect(world.notes).toEqual([]);
  });
});

describe('a write', () => {
  it('carries the session, its count and its clock', async () => {
    const { session, world, state } = createClient([1]);
    const put = session.put('k', 'v');
    const call = world.take('write', 1);
    expect(call.params).toEqual({
      session: [9, 2],
      seq: 1,
      key: 'k',
      value: 'v',
      guard: null,
      clock: 0,
    });
    await call.answer(written([6, 1, 1]));
    expect(await put).toEqual({
      outcome: 'ok',
      value: null,
      server: 1,
      version: [6, 1, 1],
      applied: [[1, 1, 6]],
    });
    expect(state.clock.time).toBe(6);
    void session.delete('k');
    expect(world.take('write').params).toMatchObject({ seq: 2, value: null, clock: 6 });
  });

  it('is asked again of the same server, as the same request, and of no other', async () => {
    const { session, world } = createClient([1, 2]);
    world.chances.push(0.9);
    const put = session.put('k', 'v');
    const first = world.take('write', 2);
    await first.fail('ERR_UNREACHABLE');
    const second = world.take('write', 2);
    expect(second.params).toEqual(first.params);
    await second.fail('ERR_UNREACHABLE');
    expect(world.calls).toEqual([]);
    expect(await put).toMatchObject({ outcome: 'unknown', server: null, version: null });
    expect(world.notes).toHaveLength(1);
  });

  it('takes its count with it, whatever becomes of it', async () => {
    const { session, world } = createClient([1]);
    const put = session.put('k', 'v');
    await world.take('write').fail('ERR_NOT_CONNECTED');
    expect(await put).toMatchObject({ outcome: 'fail' });
    void session.put('k', 'w');
    expect(world.take('write').params).toMatchObject({ seq: 2 });
  });

  it.each([
    ['not done', ['E_STORAGE'], 'fail'],
    ['in doubt', ['ERR_UNREACHABLE', 'E_STORAGE'], 'unknown'],
  ] as const)('is %s because of a full disk, and says so', async (_what, codes, outcome) => {
    const { session, world } = createClient([1]);
    const put = session.put('k', 'v');
    for (const code of codes) await world.take('write').fail(code);
    expect(await put).toMatchObject({ outcome, error: 'E_STORAGE' });
  });

  it('is in doubt if the second copy is refused: the first may have come through', async () => {
    const { session, world } = createClient([1]);
    const put = session.put('k', 'v');
    await world.take('write').fail('ERR_UNREACHABLE');
    await world.take('write').fail('ERR_NOT_CONNECTED');
    expect(await put).toMatchObject({ outcome: 'unknown' });
  });

  it('is in doubt if its answer has an absurd clock: it did happen (B30)', async () => {
    const { session, world, state } = createClient([1]);
    const put = session.put('k', 'v');
    const bomb = { ...written([1, 1, 1]), clock: 2 ** 53 - 1 };
    await world.take('write').answer(bomb);
    await world.take('write').answer(bomb);
    expect(await put).toMatchObject({ outcome: 'unknown' });
    expect(state.clock.time).toBe(0);
    expect(state.dependsOn('k')).toBeUndefined();
  });

  it('that was refused as stale is no dependency', async () => {
    const { session, world, state } = createClient([1], ['causal']);
    const put = session.put('k', 'v');
    const { value: _, ...refused } = stale;
    await world.take('write').answer(refused);
    expect(await put).toMatchObject({ outcome: 'stale', server: 1, version: null });
    expect(state.dependsOn('k')).toBeUndefined();
  });
});

describe('a get', () => {
  it('demands what the session last put or got for the key, and for no other', async () => {
    const { session, world } = createClient([1]);
    const put = session.put('x', 'v');
    await world.take('write').answer(written([3, 1, 1]));
    await put;
    const get = session.get('y');
    await world.take('read').answer(read('w', [5, 2, 1]));
    expect(await get).toMatchObject({ outcome: 'ok', value: 'w', version: [5, 2, 1] });
    for (const [key, dependsOn] of [
      ['x', [3, 1, 1]],
      ['y', [5, 2, 1]],
      ['z', null],
    ] as const) {
      const again = session.get(key);
      const call = world.take('read');
      expect(call.params).toMatchObject({ key, dependsOn, guard: null });
      await call.answer(stale);
      expect(await again).toMatchObject({ outcome: 'stale', value: null });
    }
  });

  it('never lets the demand go back to an older version', async () => {
    const { session, world, state } = createClient([1]);
    for (const [version, expected] of [
      [[5, 1, 1], 5],
      [[4, 1, 1], 5],
      [[6, 1, 1], 6],
    ] as const) {
      const get = session.get('k');
      await world.take('read').answer(read('v', [...version]));
      await get;
      expect(state.dependsOn('k')?.timestamp).toBe(expected);
    }
  });

  it('keeps its demand when the key is absent', async () => {
    const { session, world, state } = createClient([1]);
    const put = session.delete('k');
    await world.take('write').answer(written([3, 1, 1]));
    await put;
    const get = session.get('k');
    await world.take('read').answer(read(null, null));
    expect(await get).toMatchObject({ outcome: 'absent', value: null });
    expect(state.dependsOn('k')?.timestamp).toBe(3);
  });

  it('demands for its key the deletions that it may have found, until it sees a put', async () => {
    const { session, world } = createClient([1]);
    const collected = [[2, 1, 4]];
    const ask = async (key: string, answer: object, guard: unknown): Promise<void> => {
      const get = session.get(key);
      const call = world.take('read');
      expect(call.params).toMatchObject({ key, guard });
      await call.answer(answer);
      await get;
    };
    await ask('k', read(null, null, { collected, clock: 4 }), null);
    await ask('other', read(null, null), null);
    await ask('other', stale, null);
    await ask('k', read('v', [6, 1, 1]), collected);
    await ask('k', stale, null);
    void session.put('k', 'w');
    expect(world.take('write').params).toMatchObject({ guard: null });
  });

  it('of a causal session demands from then on the deletions that it may have found', async () => {
    const { session, world } = createClient([1], ['causal']);
    const get = session.get('k');
    await world.take('read').answer(read(null, null, { collected: [[2, 1, 4]], clock: 4 }));
    await get;
    void session.get('other');
    expect(world.take('read').params).toMatchObject({ guard: [[2, 1, 4]] });
    void session.put('other', 'v');
    expect(world.take('write').params).toMatchObject({ guard: [[2, 1, 4]] });
  });

  it('does not look elsewhere when a server is stale: that is an answer', async () => {
    const { session, world } = createClient([1, 2]);
    const get = session.get('k');
    await world.take('read', 1).answer(stale);
    expect(await get).toMatchObject({ outcome: 'stale', server: 1 });
    expect(world.calls).toEqual([]);
  });

  it.each(['ERR_UNREACHABLE', 'ERR_NOT_CONNECTED', 'E_CLOCK_JUMP'] as const)(
    'asks another server after %s, and each only once',
    async (code) => {
      const { session, world } = createClient([1, 2]);
      const get = session.get('k');
      await world.take('read', 1).fail(code);
      await world.take('read', 2).answer(read('v', [1, 2, 1]));
      expect(await get).toMatchObject({ outcome: 'ok', server: 2 });
      const again = session.get('k');
      await world.take('read', 1).fail(code);
      await world.take('read', 2).fail(code);
      expect(await again).toMatchObject({ outcome: 'unknown', server: null });
      expect(world.calls).toEqual([]);
    },
  );

  it.each([1, 1.001, 1.03])(
    'still asks a second server after a silence of %d timeouts, and no third',
    async (timeouts) => {
      const { session, world } = createClient([1, 2, 3]);
      const get = session.get('k');
      world.timeMs += timeouts * CALL_TIMEOUT_MS;
      await world.take('read', 1).fail('ERR_UNREACHABLE');
      world.timeMs += timeouts * CALL_TIMEOUT_MS;
      await world.take('read', 2).fail('ERR_UNREACHABLE');
      expect(world.calls).toEqual([]);
      expect(await get).toMatchObject({ outcome: 'unknown' });
      expect(world.timeMs).toBeLessThan(OPERATION_DEADLINE_MS);
    },
  );

  it('takes an answer with an absurd clock for none', async () => {
    const { session, world, state } = createClient([1, 2]);
    const get = session.get('k');
    await world.take('read', 1).answer(read('v', [1, 1, 1], { clock: 2 ** 53 - 1 }));
    await world.take('read', 2).answer(read('w', [2, 2, 1]));
    expect(await get).toMatchObject({ value: 'w', server: 2 });
    expect(state.clock.time).toBe(2);
  });
});

describe('a causal session', () => {
  it('guards every put and get with everything that it has put and got', async () => {
    const { session, world } = createClient([1], ['causal']);
    const put = session.put('x', 'v');
    const first = world.take('write');
    expect(first.params.guard).toEqual([]);
    await first.answer(written([3, 1, 1]));
    await put;
    const get = session.get('y');
    const second = world.take('read');
    expect(second.params.guard).toEqual([[1, 1, 3]]);
    await second.answer(read('w', [9, 2, 4]));
    await get;
    void session.delete('z');
    expect(world.take('write').params).toMatchObject({
      guard: [
        [1, 1, 3],
        [2, 4, 9],
      ],
      clock: 9,
    });
  });

  it('is one only if it asked for it', () => {
    expect(createClient([], ['causal']).state.guard).not.toBeNull();
    expect(createClient([]).state.guard).toBeNull();
  });
});

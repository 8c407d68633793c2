import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../../src/kernel/ids.ts';
import { PART_BYTES } from '../../../src/kernel/limits.ts';
import { messages } from '../../../src/protocols/causal/messages.ts';
import { createCausalReplica } from '../../../src/protocols/causal/replica.ts';
import type { CausalState } from '../../../src/protocols/causal/state.ts';
import { type FakeCall, FakeEnv, settled } from '../../support/fakeEnv.ts';

function createServer(id: NodeId, gossip = 'eager') {
  const world = new FakeEnv({ id, incarnation: 1 }, messages);
  const replica = createCausalReplica(world.env, { gossip });
  // So it is bootstrapped as the first server of its run.
  void replica.quiesced();
  let seq = 0;
  const put = (key: string, value: string) => {
    seq += 1;
    const request = { session: [100 + id, 1] as [number, number], seq, key, value };
    return replica.handlers.write(100 + id, { ...request, guard: null, clock: 0 });
  };
  return { world, replica, put, state: replica.state as CausalState };
}

type Server = ReturnType<typeof createServer>;

/** Hands a push to the other server, and its answer back. */
async function deliver(call: FakeCall, from: NodeId, to: Server): Promise<unknown> {
  const answer = await to.replica.handlers.push(from, call.params as never);
  await call.answer(answer);
  return answer;
}

function createPair(gossip = 'eager'): [Server, Server] {
  const [a, b] = [createServer(1, gossip), createServer(2, gossip)];
  a.replica.connected(2, 'server');
  b.replica.connected(1, 'server');
  return [a, b];
}

const keysOf = (call: FakeCall) => (call.params.entries as [string][]).map(([key]) => key);

describe('an eager push', () => {
  it('first asks where the peer is, then brings what it lacks', async () => {
    const [a, b] = createPair();
    a.put('x', '1');
    const first = a.world.take('push', 2);
    expect(first.params).toMatchObject({ entries: [], transfer: 1, part: 0, last: true });
    expect(await deliver(first, 1, b)).toMatchObject({ accepted: false, applied: [] });
    const second = a.world.take('push', 2);
    expect(second.params).toMatchObject({ since: [], transfer: 2 });
    expect(await deliver(second, 1, b)).toMatchObject({ accepted: true, applied: [[1, 1, 1]] });
    expect(b.state.read('x')?.value).toBe('1');
    await a.replica.quiesced();
  });

  it('brings only what was written since, once it knows where the peer is', async () => {
    const [a, b] = createPair();
    a.put('x', '1');
    await deliver(a.world.take('push'), 1, b);
    await deliver(a.world.take('push'), 1, b);
    a.put('y', '2');
    const push = a.world.take('push');
    expect(keysOf(push)).toEqual(['y']);
    expect(push.params.since).toEqual([[1, 1, 1]]);
  });

  it('is one at a time: what is written meanwhile follows together', async () => {
    const [a, b] = createPair();
    a.put('x', '1');
    a.put('y', '2');
    a.put('z', '3');
    await deliver(a.world.take('push'), 1, b);
    expect(a.world.calls).toHaveLength(1);
    await deliver(a.world.take('push'), 1, b);
    expect(b.state.entriesBeyond(b.state.applied.copy())).toEqual([]);
    expect(b.state.applied.toTuples()).toEqual([[1, 1, 3]]);
    expect(a.world.calls).toEqual([]);
    await a.replica.quiesced();
  });

  it('is not sent to a peer that is known to have everything, in either direction', async () => {
    const [a, b] = createPair('200ms');
    a.put('x', '1');
    await a.world.pass(200);
    await deliver(a.world.take('push'), 1, b);
    await deliver(a.world.take('push'), 1, b);
    await a.world.pass(200);
    await b.world.pass(200);
    expect([...a.world.calls, ...b.world.calls]).toEqual([]);
  });

  it('gives up quietly without an answer, and tries again at the next write', async () => {
    const [a, b] = createPair();
    a.put('x', '1');
    await a.world.take('push').fail('ERR_UNREACHABLE');
    await a.replica.quiesced();
    expect(a.world.calls).toEqual([]);
    a.put('y', '2');
    await deliver(a.world.take('push'), 1, b);
    expect(keysOf(a.world.take('push'))).toEqual(['x', 'y']);
  });

  it('does not go on for ever with a peer that never takes anything', async () => {
    const [a] = createPair();
    a.put('x', '1');
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await a.world.take('push').answer({ accepted: false, applied: [], clock: 0 });
    }
    expect(a.world.calls).toEqual([]);
    await a.replica.quiesced();
  });

  it('takes a clock over with the answer, and refuses an absurd one quietly (B30)', async () => {
    const [a] = createPair();
    a.put('x', '1');
    await a.world.take('push').answer({ accepted: false, applied: [], clock: 50 });
    expect(a.state.clock.time).toBe(50);
    await a.world.take('push').answer({ accepted: true, applied: [], clock: 2 ** 53 - 1 });
    expect(a.state.clock.time).toBe(50);
    await a.replica.quiesced();
  });

  it('goes to no peer after the link is cut', async () => {
    const [a] = createPair();
    a.replica.disconnected(2, 'server');
    a.put('x', '1');
    expect(a.world.calls).toEqual([]);
    await a.replica.quiesced();
  });

  it('goes to servers, not to clients', () => {
    const server = createServer(1);
    server.replica.connected(9, 'client');
    server.put('x', '1');
    expect(server.world.calls).toEqual([]);
  });
});

describe('quiesced', () => {
  it('waits for every push that is under way, and for those that follow', async () => {
    const [a, b] = createPair();
    let isSettled = false;
    a.put('x', '1');
    void a.replica.quiesced().then(() => {
      isSettled = true;
    });
    await deliver(a.world.take('push'), 1, b);
    a.put('y', '2');
    await deliver(a.world.take('push'), 1, b);
    expect(isSettled).toBe(false);
    await deliver(a.world.take('push'), 1, b);
    await settled();
    expect(isSettled).toBe(true);
  });
});

describe('a push that comes in', () => {
  const vectors = { applied: [], collected: [] };
  const push = { since: [], entries: [], transfer: 1, part: 0, last: true, ...vectors, clock: 1 };

  it('is refused from a peer that is not connected, with nothing changed (B32)', () => {
    const [a, b] = createPair();
    b.replica.disconnected(1, 'server');
    a.put('x', '1');
    const { params } = a.world.take('push');
    expect(() => b.replica.handlers.push(1, { ...params, clock: 99 } as never)).toThrow(
      expect.objectContaining({ code: 'ERR_NOT_CONNECTED' }),
    );
    expect(b.state.clock.time).toBe(0);
  });

  it('changes nothing the second time (B33)', async () => {
    const [a, b] = createPair();
    a.put('x', '1');
    await deliver(a.world.take('push'), 1, b);
    const call = a.world.take('push');
    const first = await deliver(call, 1, b);
    const applied = b.state.applied.toTuples();
    expect(await b.replica.handlers.push(1, call.params as never)).toEqual(first);
    expect(b.state.applied.toTuples()).toBe(applied);
  });

  it('is refused again where the first copy was', async () => {
    const [a, b] = createPair();
    a.put('x', '1');
    const call = a.world.take('push');
    const first = await b.replica.handlers.push(1, call.params as never);
    expect(first).toMatchObject({ accepted: false });
    expect(await b.replica.handlers.push(1, call.params as never)).toEqual(first);
  });

  it('is refused with a clock bomb, and nothing is taken over (B30)', () => {
    const [, b] = createPair();
    const bomb = 2 ** 53 - 1;
    expect(() => b.replica.handlers.push(1, { ...push, clock: bomb })).toThrow(
      expect.objectContaining({ code: 'E_CLOCK_JUMP' }),
    );
    expect(() => b.replica.handlers.push(1, { ...push, applied: [[1, 1, bomb]] })).toThrow(
      expect.objectContaining({ code: 'E_CLOCK_JUMP' }),
    );
    expect(b.state.clock.time).toBe(1);
    expect(b.state.applied.toTuples()).toEqual([]);
  });

  it('begins anew with the link: the transfers of the former do not count', async () => {
    const [a, b] = createPair();
    a.put('x', '1');
    await deliver(a.world.take('push'), 1, b);
    await deliver(a.world.take('push'), 1, b);
    for (const [server, peer] of [
      [a, 2],
      [b, 1],
    ] as const) {
      server.replica.disconnected(peer, 'server');
      server.replica.connected(peer, 'server');
    }
    a.put('y', '2');
    await deliver(a.world.take('push'), 1, b);
    expect(await deliver(a.world.take('push'), 1, b)).toMatchObject({ accepted: true });
    expect(b.state.read('y')?.value).toBe('2');
  });
});

describe('a push of more than a message holds', () => {
  const long = 'v'.repeat(PART_BYTES / 2);

  async function fill(): Promise<[Server, Server]> {
    const [a, b] = createPair('200ms');
    for (let count = 0; count < 5; count += 1) a.put(`k${count}`, long);
    await a.world.pass(200);
    await deliver(a.world.take('push'), 1, b);
    return [a, b];
  }

  it('goes in parts, one after the other, and is applied with the last', async () => {
    const [a, b] = await fill();
    const parts: FakeCall[] = [];
    while (a.world.calls.length > 0) {
      const call = a.world.take('push');
      parts.push(call);
      expect(b.state.applied.toTuples()).toEqual([]);
      await deliver(call, 1, b);
    }
    expect(parts.map(({ params }) => [params.part, params.last])).toEqual([
      [0, false],
      [1, false],
      [2, false],
      [3, false],
      [4, true],
    ]);
    expect([...b.state.values()]).toHaveLength(5);
  });

  it('begins anew if a part is lost, and nothing is half applied', async () => {
    const [a, b] = await fill();
    await deliver(a.world.take('push'), 1, b);
    await a.world.take('push').fail('ERR_UNREACHABLE');
    await a.replica.quiesced();
    expect([...b.state.values()]).toEqual([]);
    await a.world.pass(200);
    expect(a.world.calls[0]?.params).toMatchObject({ part: 0, transfer: 3 });
    while (a.world.calls.length > 0) await deliver(a.world.take('push'), 1, b);
    expect([...b.state.values()]).toHaveLength(5);
  });

  it('keeps its base while it is under way, whatever the peer says meanwhile', async () => {
    const [a, b] = await fill();
    b.put('own', '1');
    const first = a.world.take('push');
    a.replica.handlers.push(2, {
      since: b.state.applied.toTuples(),
      entries: [],
      transfer: 1,
      part: 0,
      last: true,
      applied: b.state.applied.toTuples(),
      collected: [],
      clock: 1,
    });
    await deliver(first, 1, b);
    expect(a.world.take('push').params.since).toEqual(first.params.since);
  });
});

describe('gossip at an interval, or off', () => {
  it('pushes every so many milliseconds, not at a write', async () => {
    const [a] = createPair('200ms');
    a.put('x', '1');
    expect(a.world.calls).toEqual([]);
    await a.world.pass(199);
    expect(a.world.calls).toEqual([]);
    await a.world.pass(1);
    await a.world.take('push').fail('ERR_UNREACHABLE');
    await a.world.pass(200);
    expect(a.world.calls).toHaveLength(1);
  });

  it('never pushes when it is off', async () => {
    const [a] = createPair('off');
    a.put('x', '1');
    await a.world.pass(10_000);
    expect(a.world.calls).toEqual([]);
  });
});

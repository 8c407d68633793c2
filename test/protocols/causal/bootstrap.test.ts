// The bootstrap of a server that joins: which servers it asks, and when it accepts writes.
import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../../src/kernel/ids.ts';
import { messages } from '../../../src/protocols/causal/messages.ts';
import { createCausalReplica } from '../../../src/protocols/causal/replica.ts';
import type { CausalState } from '../../../src/protocols/causal/state.ts';
import { FakeEnv, settled } from '../../support/fakeEnv.ts';
import { HeldStorage } from '../../support/heldStorage.ts';

/** A server that was told of these peers, in this order, and has not heard of any. */
function join(...peers: NodeId[]) {
  return joinWith(undefined, ...peers);
}

function joinWith(storage: HeldStorage | undefined, ...peers: NodeId[]) {
  const world = new FakeEnv({ id: 1, incarnation: 1 }, messages, storage);
  const replica = createCausalReplica(world.env, { gossip: 'off' });
  for (const peer of peers) replica.connected(peer, 'server');
  const put = async (seq: number, key = 'x'): Promise<unknown> => {
    const params = { session: [100, 1] as [number, number], seq, key, value: 'v', guard: null };
    try {
      return await replica.handlers.write(100, { ...params, clock: 0 });
    } catch (error) {
      return (error as { code: unknown }).code;
    }
  };
  return { world, replica, put, state: replica.state as CausalState };
}

/** The state of the promise at this moment. */
async function peek(promise: Promise<unknown>): Promise<unknown> {
  await settled();
  return Promise.race([promise, Promise.resolve('waiting')]);
}

const OF_A_BOOTSTRAPPED = { isBootstrapped: true, clock: 40 };
const OF_A_NEWCOMER = { isBootstrapped: false, clock: 7 };

describe('a server that joins', () => {
  it('asks every server that it is told of, and no client', () => {
    const { world, replica } = join(2, 3);
    replica.connected(100, 'client');
    expect(world.calls.map(({ method, to }) => `${method} ${to}`)).toEqual(['join 2', 'join 3']);
  });

  it('lets a write wait for the first answer, and stamps it above that clock', async () => {
    const { world, put } = join(2, 3);
    const answer = put(1);
    expect(await peek(answer)).toBe('waiting');
    await world.take('join', 3).answer(OF_A_BOOTSTRAPPED);
    await world.pass(0);
    expect(await answer).toMatchObject({ status: 'ok', version: [41, 1, 1] });
    expect(await put(2)).toMatchObject({ version: [42, 1, 1] });
  });

  it('keeps the order of the writes that waited', async () => {
    const { world, put } = join(2);
    const answers = [put(1), put(2)];
    await world.take('join', 2).answer(OF_A_BOOTSTRAPPED);
    await world.pass(0);
    expect(await Promise.all(answers)).toMatchObject([
      { version: [41, 1, 1] },
      { version: [42, 1, 1] },
    ]);
  });

  it('is not satisfied by another newcomer, whose clock it takes over all the same', async () => {
    const { world, put, state } = join(2);
    const answer = put(1);
    await world.take('join', 2).answer(OF_A_NEWCOMER);
    expect(state.clock.time).toBe(7);
    expect(await peek(answer)).toBe('waiting');
    await world.take('join', 2).answer(OF_A_BOOTSTRAPPED);
    await world.pass(0);
    expect(await answer).toMatchObject({ status: 'ok' });
  });

  it('is not satisfied by an absurd clock (B30)', async () => {
    const { world, state } = join(2);
    await world.take('join', 2).answer({ isBootstrapped: true, clock: 2 ** 53 - 1 });
    expect([state.isBootstrapped, state.clock.time]).toEqual([false, 0]);
  });

  it('refuses a write for good when it has waited for half of a call', async () => {
    const { world, put, state } = join(2);
    const answer = put(1);
    await world.pass(999);
    expect(await peek(answer)).toBe('waiting');
    await world.pass(1);
    await world.pass(0);
    expect(await answer).toBe('ERR_NEWCOMER');
    await world.take('join', 2).answer(OF_A_BOOTSTRAPPED);
    expect(await put(1)).toBe('ERR_NEWCOMER');
    expect(state.read('x')).toBeUndefined();
    expect(await put(2)).toMatchObject({ status: 'ok' });
  });

  it('refuses a write at once while it has no link, and asks again over the next', async () => {
    const { world, replica, put } = join(2);
    world.calls.length = 0;
    replica.disconnected(2, 'server');
    expect(await put(1)).toBe('ERR_NEWCOMER');
    replica.connected(3, 'server');
    const answer = put(2);
    await world.take('join', 3).answer(OF_A_BOOTSTRAPPED);
    await world.pass(0);
    expect(await answer).toMatchObject({ status: 'ok' });
  });

  it('asks again, less and less often, until it has an answer', async () => {
    const { world } = join(2);
    const times: number[] = [];
    for (let ms = 0; ms < 6_000; ms += 125) {
      for (const _ of world.calls.splice(0)) times.push(ms);
      await world.pass(125);
    }
    expect(times).toEqual([0, 125, 375, 875, 1875, 3875, 5875]);
    await world.pass(2_000);
    await world.take('join', 2).answer(OF_A_BOOTSTRAPPED);
    await world.pass(10_000);
    expect(world.calls).toEqual([]);
  });

  it('answers a join, and says whether it can be relied on', async () => {
    const { world, replica, state } = join(2);
    expect(replica.handlers.join(2, { clock: 9 })).toEqual({ isBootstrapped: false, clock: 9 });
    await world.take('join', 2).answer(OF_A_BOOTSTRAPPED);
    expect(replica.handlers.join(3, { clock: 9 })).toEqual(OF_A_BOOTSTRAPPED);
    expect(() => replica.handlers.join(3, { clock: 2 ** 53 - 1 })).toThrow(
      expect.objectContaining({ code: 'E_CLOCK_JUMP' }),
    );
    expect(state.clock.time).toBe(40);
  });

  it('is bootstrapped by what a peer brings: only a bootstrapped one has anything', async () => {
    const { replica, put, state } = join(2);
    const part = { transfer: 1, part: 0, last: true };
    const nothing = { since: [], entries: [], ...part, applied: [], collected: [] };
    await replica.handlers.push(2, { ...nothing, clock: 3 });
    expect(state.isBootstrapped).toBe(false);
    const applied: [number, number, number][] = [[2, 1, 3]];
    await replica.handlers.push(2, { ...nothing, ...part, transfer: 2, applied, clock: 8 });
    expect(await put(1)).toMatchObject({ status: 'ok', version: [9, 1, 1] });
  });

  it('answers a join when what a peer has brought is durable', async () => {
    const storage = new HeldStorage();
    const { replica } = joinWith(storage, 2);
    const part = { transfer: 1, part: 0, last: true };
    void replica.handlers.push(2, {
      since: [],
      entries: [],
      ...part,
      applied: [[2, 1, 3]],
      collected: [],
      clock: 3,
    });
    const joining = Promise.resolve(replica.handlers.join(3, { clock: 0 }));
    expect(await peek(joining)).toBe('waiting');
    await storage.confirm();
    expect(await joining).toEqual({ isBootstrapped: true, clock: 3 });
  });

  it('is bootstrapped when it has led a round to every living server', async () => {
    const { world, replica, put } = join(2);
    world.calls.length = 0;
    const order = { round: 1, avoid: [], known: [1, 2], budgetMs: 800 };
    const round = replica.stabilize(order);
    const nothing = { joined: true, applied: [], reached: [2], missing: [], clock: 30 };
    await world.take('probe', 2).answer(nothing);
    const spread = { accepted: true, reached: [[2, 1]], missing: [], clock: 30 };
    await world.take('spread', 2).answer(spread);
    await round;
    expect(await put(1)).toMatchObject({ status: 'ok', version: [31, 1, 1] });
  });
});

describe('a server that was told of no other', () => {
  it('is the first: it writes at once', async () => {
    const { put, world } = join();
    expect(await put(1)).toMatchObject({ status: 'ok', version: [1, 1, 1] });
    expect(world.calls).toEqual([]);
  });

  it('is bootstrapped for those who come later, once it has quiesced', async () => {
    const { world, replica } = join();
    await replica.quiesced();
    replica.connected(2, 'server');
    expect(world.calls).toEqual([]);
    expect(replica.handlers.join(2, { clock: 0 })).toMatchObject({ isBootstrapped: true });
  });
});

describe('a newcomer has quiesced', () => {
  it('with the first answer that it can rely on, however silent the others are', async () => {
    const { world, replica } = join(2, 3);
    const isQuiesced = replica.quiesced().then(() => 'quiesced');
    expect(await peek(isQuiesced)).toBe('waiting');
    await world.take('join', 3).answer(OF_A_BOOTSTRAPPED);
    expect(await isQuiesced).toBe('quiesced');
  });

  it('when the joins of before have ended, although it asks again', async () => {
    const { world, replica } = join(2, 3);
    const isQuiesced = replica.quiesced().then(() => 'quiesced');
    const before = world.calls.splice(0);
    await world.pass(500);
    expect(world.calls).toHaveLength(2);
    await before[0]?.fail('ERR_UNREACHABLE');
    expect(await peek(isQuiesced)).toBe('waiting');
    await before[1]?.answer(OF_A_NEWCOMER);
    expect(await isQuiesced).toBe('quiesced');
  });
});

// What a round of stabilize waits for at a server with a log: records on their way to the disk.
import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../../src/kernel/ids.ts';
import { messages } from '../../../src/protocols/causal/messages.ts';
import { createCausalReplica } from '../../../src/protocols/causal/replica.ts';
import { FakeEnv, settled } from '../../support/fakeEnv.ts';
import { HeldStorage } from '../../support/heldStorage.ts';

/** A server with these peers, whose answers the test gives, as it says what is durable. */
function createServer(id: NodeId, peers: readonly NodeId[]) {
  const storage = new HeldStorage();
  const world = new FakeEnv({ id, incarnation: 1 }, messages, storage);
  const replica = createCausalReplica(world.env, { gossip: 'off' });
  // So it is bootstrapped as the first server of its run.
  void replica.quiesced();
  for (const peer of peers) replica.connected(peer, 'server');
  const put = (key: string, value: string) => {
    const request = { session: [100, 1] as [number, number], seq: 1, key, value };
    return replica.handlers.write(100, { ...request, guard: null, clock: 0 });
  };
  const probe = (from: NodeId, round: number, clock = 0) =>
    replica.handlers.probe(from, { round, avoid: [], budgetMs: 100, stepMs: 10, clock });
  return { storage, world, replica, put, probe };
}

const joined = (id: NodeId) => {
  return { joined: true, applied: [], reached: [id], missing: [], clock: 0 };
};

/** The state of a promise at this moment. */
async function peek(promise: unknown): Promise<unknown> {
  await settled();
  return Promise.race([promise, Promise.resolve('waiting')]);
}

/** The code of a refusal, as an outcome like any other. */
function codeOf(promise: unknown): Promise<unknown> {
  return Promise.resolve(promise).catch((error: { code?: unknown }) => error.code);
}

describe('a server that is writing to its log what it has received', () => {
  const push = {
    since: [],
    entries: [['x', '1', 4, 7, 1]] as [string, string, number, number, number][],
    transfer: 1,
    part: 0,
    last: true,
    applied: [[7, 1, 4]] as [number, number, number][],
    collected: [],
    clock: 0,
  };
  const PUSHED = [[7, 1, 4]];

  it('answers a probe when it has it', async () => {
    const { storage, replica, probe } = createServer(1, [0, 7]);
    void replica.handlers.push(7, push);
    // The link goes, and with it the answer to the push.
    replica.disconnected(7, 'server');
    const answer = probe(0, 1);
    expect(await peek(answer)).toBe('waiting');
    await storage.confirm();
    expect(await answer).toMatchObject({ joined: true, applied: PUSHED });
  });

  it('waits for a write of a session as well', async () => {
    const { storage, put, probe } = createServer(1, [0]);
    void put('x', '1');
    const answer = probe(0, 1);
    expect(await peek(answer)).toBe('waiting');
    await storage.confirm();
    expect(await answer).toMatchObject({ applied: [[1, 1, 1]] });
  });

  it('waits for what came while its children were asked', async () => {
    const { storage, world, replica, probe } = createServer(1, [0, 2, 7]);
    const answer = probe(0, 1);
    void replica.handlers.push(7, push);
    await world.take('probe', 7).fail('ERR_UNREACHABLE');
    await world.take('probe', 2).answer(joined(2));
    expect(await peek(answer)).toBe('waiting');
    await storage.confirm();
    expect(await answer).toMatchObject({ reached: [1, 2], missing: [7], applied: PUSHED });
  });

  it('spreads as the root when it has it', async () => {
    const { storage, world, replica } = createServer(0, [1, 7]);
    void replica.handlers.push(7, push);
    replica.disconnected(7, 'server');
    const round = replica.stabilize({ round: 1, avoid: [], known: [0, 1], budgetMs: 800 });
    await world.take('probe', 1).answer(joined(1));
    expect(world.calls).toEqual([]);
    await storage.confirm();
    const down = world.take('spread', 1);
    expect(down.params).toMatchObject({ applied: PUSHED, entries: push.entries });
    await down.answer({ accepted: true, reached: [[1, 1]], missing: [], clock: 0 });
    expect(await round).toEqual({ reached: [0, 1], missing: [] });
  });

  it('does not wait for a clock, nor for what comes after it began to wait', async () => {
    const { storage, replica, probe } = createServer(1, [0, 7]);
    replica.disconnected(0, 'server');
    expect(await probe(7, 1, 30)).toMatchObject({ joined: true, applied: [] });
    expect(storage.pending).toEqual([{ kind: 'clock', clock: 30 }]);
    await storage.confirm();
    void replica.handlers.push(7, push);
    const answer = probe(7, 2);
    await settled();
    void replica.handlers.push(7, { ...push, transfer: 2, applied: [[7, 1, 5]] });
    await storage.confirm(1);
    expect(await answer).toMatchObject({ applied: PUSHED });
    expect(storage.pending).toHaveLength(1);
  });

  it('goes on without what its disk refuses', async () => {
    const { storage, replica, probe } = createServer(1, [0, 7]);
    const refused = codeOf(replica.handlers.push(7, push));
    replica.disconnected(7, 'server');
    const answer = probe(0, 1);
    await settled();
    await storage.refuse();
    expect(await refused).toBe('E_STORAGE');
    expect(await answer).toMatchObject({ joined: true, applied: [] });
  });

  it('breaks its promise to the parent when a later round begins meanwhile', async () => {
    const { storage, replica, probe } = createServer(1, [0, 7]);
    void replica.handlers.push(7, push);
    replica.disconnected(7, 'server');
    const former = codeOf(probe(0, 1));
    const latter = probe(0, 2);
    await storage.confirm();
    expect(await former).toBe('ERR_STALE_ROUND');
    expect(await latter).toMatchObject({ applied: PUSHED });
  });
});

import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../../src/kernel/ids.ts';
import { PART_BYTES } from '../../../src/kernel/limits.ts';
import { messages } from '../../../src/protocols/causal/messages.ts';
import { createCausalReplica } from '../../../src/protocols/causal/replica.ts';
import type { CausalState } from '../../../src/protocols/causal/state.ts';
import { type FakeCall, FakeEnv, settled } from '../../support/fakeEnv.ts';

/** A server with these peers, whose answers the test gives. */
function createServer(id: NodeId, peers: readonly NodeId[]) {
  const world = new FakeEnv({ id, incarnation: 1 }, messages);
  const replica = createCausalReplica(world.env, { gossip: 'off' });
  // So it is bootstrapped as the first server of its run.
  void replica.quiesced();
  for (const peer of peers) replica.connected(peer, 'server');
  let seq = 0;
  const put = (key: string, value: string | null) => {
    seq += 1;
    const request = { session: [100, 1] as [number, number], seq, key, value };
    return replica.handlers.write(100, { ...request, guard: null, clock: 0 });
  };
  const probe = (from: NodeId, round: number, clock = 0) =>
    replica.handlers.probe(from, { round, avoid: [], budgetMs: 100, stepMs: 10, clock });
  return { world, replica, put, probe, state: replica.state as CausalState };
}

const order = (round: number, known: NodeId[], avoid: NodeId[] = []) => ({
  round,
  avoid,
  known,
  budgetMs: 800,
});
const joined = (reached: NodeId[], more: object = {}) => ({
  joined: true,
  applied: [],
  reached,
  missing: [],
  clock: 0,
  ...more,
});
const inTree = { joined: false, applied: [], reached: [], missing: [], clock: 0 };
const spread = (reached: NodeId[], incarnation = 1) => {
  const lives = reached.map((id) => [id, incarnation]);
  return { accepted: true, reached: lives, missing: [], clock: 0 };
};
const STALE = expect.objectContaining({ code: 'ERR_STALE_ROUND' });

/** The state of a promise at this moment; a refusal is its code. */
async function peek(promise: Promise<unknown>): Promise<unknown> {
  await settled();
  return Promise.race([promise, Promise.resolve('waiting')]);
}

/** The code of a refusal, as an outcome like any other. */
function codeOf(promise: unknown): Promise<unknown> {
  return Promise.resolve(promise).catch((error: { code?: unknown }) => error.code);
}

describe('the root of a round', () => {
  it('probes all peers but those to avoid, and spreads once all have answered', async () => {
    const { world, replica } = createServer(0, [3, 1, 2, 9]);
    const round = replica.stabilize(order(1, [0, 1, 2, 3, 9], [9]));
    expect(world.calls.map(({ to, method }) => `${method} ${to}`)).toEqual([
      'probe 1',
      'probe 2',
      'probe 3',
    ]);
    await world.take('probe', 1).answer(joined([1]));
    await world.take('probe', 3).answer(joined([3]));
    expect(world.calls).toHaveLength(1);
    await world.take('probe', 2).answer(inTree);
    expect(world.calls.map(({ to, method }) => `${method} ${to}`)).toEqual([
      'spread 1',
      'spread 3',
    ]);
    await world.take('spread', 1).answer(spread([1, 2]));
    expect(await peek(round)).toBe('waiting');
    await world.take('spread', 3).answer(spread([3]));
    expect(await round).toEqual({ reached: [0, 1, 2, 3], missing: [] });
  });

  it('is done at once when it is alone', async () => {
    const { replica, put } = createServer(0, []);
    put('x', '1');
    expect(await replica.stabilize(order(1, [0]))).toEqual({ reached: [0], missing: [] });
  });

  it('names who did not answer, and goes on without', async () => {
    const { world, replica } = createServer(0, [1, 2, 3]);
    const round = replica.stabilize(order(1, [0, 1, 2, 3, 4]));
    await world.take('probe', 1).fail('ERR_UNREACHABLE');
    await world.take('probe', 2).fail('ERR_NOT_CONNECTED');
    await world.take('probe', 3).answer(joined([3], { missing: [4] }));
    await world.take('spread', 3).answer(spread([3]));
    expect(await round).toEqual({ reached: [0, 3], missing: [1, 4] });
  });

  it('names a child that stops between the two waves', async () => {
    const { world, replica } = createServer(0, [1, 2]);
    const round = replica.stabilize(order(1, [0, 1, 2]));
    await world.take('probe', 1).answer(joined([1]));
    await world.take('probe', 2).answer(joined([2]));
    await world.take('spread', 1).fail('ERR_UNREACHABLE');
    await world.take('spread', 2).answer(spread([2]));
    expect(await round).toEqual({ reached: [0, 2], missing: [1] });
  });

  it('does not name as missing what another way reached', async () => {
    const { world, replica } = createServer(0, [1, 2]);
    const round = replica.stabilize(order(1, [0, 1, 2]));
    await world.take('probe', 1).fail('ERR_UNREACHABLE');
    await world.take('probe', 2).answer(joined([2, 1]));
    await world.take('spread', 2).answer(spread([2, 1]));
    expect(await round).toEqual({ reached: [0, 2, 1], missing: [] });
  });

  it('gives each level below a step less than it has itself', async () => {
    const { world, replica } = createServer(0, [1]);
    void replica.stabilize(order(1, [0, 1, 2]));
    const probe = world.take('probe', 1);
    expect(probe).toMatchObject({ timeoutMs: 400, params: { budgetMs: 300, stepMs: 100 } });
  });

  it('ends with a stale round when a later one begins meanwhile', async () => {
    const { world, replica, probe } = createServer(0, [1, 2]);
    const round = codeOf(replica.stabilize(order(1, [0, 1, 2])));
    void probe(2, 2);
    await world.take('probe', 1).answer(joined([1]));
    await world.take('probe', 2).answer(joined([2]));
    expect(await round).toBe('ERR_STALE_ROUND');
    expect(world.calls.map(({ method }) => method)).toEqual(['probe']);
  });

  it('refuses a round that is over', async () => {
    const { replica } = createServer(0, []);
    await replica.stabilize(order(5, [0]));
    await expect(replica.stabilize(order(4, [0]))).rejects.toEqual(STALE);
  });
});

describe('what goes up', () => {
  const entry = (key: string, timestamp: number, id: NodeId) => [key, 'v', timestamp, id, 1];
  const pull = (entries: unknown[], applied: unknown, last = true) => ({
    entries,
    last,
    applied,
    collected: [],
    clock: 0,
  });

  it('is pulled from one child after the other, each for what is still lacking', async () => {
    const { world, replica, state } = createServer(0, [1, 2]);
    void replica.stabilize(order(1, [0, 1, 2]));
    const both = [
      [1, 1, 1],
      [2, 1, 2],
    ];
    await world.take('probe', 1).answer(joined([1], { applied: both }));
    await world.take('probe', 2).answer(joined([2], { applied: both }));
    const first = world.take('pull', 1);
    expect(first.params).toMatchObject({ round: 1, part: 0, applied: [] });
    expect(world.calls).toEqual([]);
    await first.answer(pull([entry('x', 1, 1), entry('y', 2, 2)], both));
    expect([...state.values()]).toEqual([
      ['x', 'v'],
      ['y', 'v'],
    ]);
    expect(world.calls.map(({ method }) => method)).toEqual(['spread', 'spread']);
  });

  it('comes in parts, and is applied with the last', async () => {
    const { world, replica, state } = createServer(0, [1]);
    void replica.stabilize(order(1, [0, 1]));
    await world.take('probe', 1).answer(joined([1], { applied: [[1, 1, 2]] }));
    await world.take('pull', 1).answer(pull([entry('x', 1, 1)], [[1, 1, 2]], false));
    expect([...state.values()]).toEqual([]);
    const second = world.take('pull', 1);
    expect(second.params).toMatchObject({ part: 1, applied: [] });
    await second.answer(pull([entry('y', 2, 1)], [[1, 1, 2]]));
    expect([...state.values()]).toHaveLength(2);
    expect(world.take('spread', 1).params).toMatchObject({ entries: [], since: [[1, 1, 2]] });
  });

  it('leaves a child out that falls silent', async () => {
    const { world, replica } = createServer(0, [1]);
    const round = replica.stabilize(order(1, [0, 1]));
    await world.take('probe', 1).answer(joined([1], { applied: [[1, 1, 2]] }));
    await world.take('pull', 1).fail('ERR_UNREACHABLE');
    expect(await round).toEqual({ reached: [0], missing: [1] });
  });

  it('is fixed at the first question, so that its parts belong together', async () => {
    const { replica, put, probe } = createServer(1, [0]);
    put('a', 'v'.repeat(PART_BYTES));
    put('b', 'v'.repeat(PART_BYTES));
    await probe(0, 1);
    const ask = (part: number) =>
      replica.handlers.pull(0, { round: 1, part, applied: [], clock: 0 });
    expect(await ask(0)).toMatchObject({ last: false, applied: [[1, 1, 2]] });
    put('c', '1');
    const last = await ask(1);
    expect(last).toMatchObject({ last: true, applied: [[1, 1, 2]] });
    expect(last.entries.map(([key]) => key)).toEqual(['b']);
    expect(await ask(1)).toMatchObject({ last: true, applied: [[1, 1, 2]] });
    expect(() => ask(2)).toThrow(expect.objectContaining({ code: 'E_BAD_REQUEST' }));
  });
});

describe('a server that is probed', () => {
  it('asks its other peers, and answers when they have', async () => {
    const { world, probe } = createServer(1, [0, 2]);
    const answer = probe(0, 1);
    expect(world.calls.map(({ to }) => to)).toEqual([2]);
    expect(await peek(Promise.resolve(answer))).toBe('waiting');
    await world.take('probe', 2).answer(joined([2, 3]));
    expect(await answer).toMatchObject({ joined: true, reached: [1, 2, 3], missing: [] });
  });

  it('gives its parent one answer, however often it asks', async () => {
    const { world, probe } = createServer(1, [0, 2]);
    const first = probe(0, 1);
    const second = probe(0, 1);
    expect(world.calls).toHaveLength(1);
    await world.take('probe', 2).answer(inTree);
    expect(await second).toEqual(await first);
    expect(await first).toMatchObject({ joined: true, reached: [1] });
  });

  it('tells all others that it is in the tree already', async () => {
    const { world, probe } = createServer(1, [0, 2]);
    void probe(0, 1);
    expect(await probe(2, 1)).toMatchObject({ joined: false, reached: [] });
    expect(world.calls).toHaveLength(1);
  });

  it('answers a peer whose round is over with a refusal, whenever it comes', async () => {
    const { probe } = createServer(1, [0, 2]);
    void probe(0, 2);
    await expect(probe(2, 1)).rejects.toEqual(STALE);
    await expect(probe(0, 1)).rejects.toEqual(STALE);
  });

  it('breaks its promise to the former parent when a later round begins', async () => {
    const { world, probe } = createServer(1, [0, 2, 3]);
    const former = codeOf(probe(0, 1));
    void probe(3, 2);
    for (const id of [2, 3]) await world.take('probe', id).answer(inTree);
    expect(await former).toBe('ERR_STALE_ROUND');
  });

  it('names a child that cannot answer back, and answers itself in time', async () => {
    const { world, probe } = createServer(1, [0, 2, 3]);
    const answer = probe(0, 1);
    expect(world.calls[0]).toMatchObject({ timeoutMs: 100, params: { budgetMs: 90 } });
    await world.take('probe', 3).answer(joined([3]));
    await world.take('probe', 2).fail('ERR_UNREACHABLE');
    expect(await answer).toMatchObject({ reached: [1, 3], missing: [2] });
  });

  it('refuses one that is not connected, and takes no clock from it (B32)', async () => {
    const { probe, state, replica } = createServer(1, [0]);
    await expect(probe(5, 1, 70)).rejects.toMatchObject({ code: 'ERR_NOT_CONNECTED' });
    replica.disconnected(0, 'server');
    await expect(probe(0, 1, 70)).rejects.toMatchObject({ code: 'ERR_NOT_CONNECTED' });
    expect(state.clock.time).toBe(0);
  });

  it('refuses a clock bomb before it joins (B30)', async () => {
    const { probe, world } = createServer(1, [0, 2]);
    await expect(probe(0, 1, 2 ** 53 - 1)).rejects.toMatchObject({ code: 'E_CLOCK_JUMP' });
    expect(world.calls).toEqual([]);
  });
});

describe('a spread that comes in', () => {
  const part = {
    round: 1,
    since: [],
    entries: [['x', '1', 4, 0, 1]] as [string, string, number, number, number][],
    transfer: 0,
    part: 0,
    last: true,
    applied: [[0, 1, 4]] as [number, number, number][],
    collected: [],
    budgetMs: 50,
    stepMs: 10,
    clock: 4,
  };

  it('is applied, and handed on with what each child lacks', async () => {
    const { world, replica, probe, state } = createServer(1, [0, 2]);
    void probe(0, 1);
    await world.take('probe', 2).answer(joined([2]));
    const answer = replica.handlers.spread(0, part);
    expect(state.read('x')?.value).toBe('1');
    const below = world.take('spread', 2);
    expect(below).toMatchObject({ timeoutMs: 50, params: { entries: part.entries, budgetMs: 40 } });
    await below.answer(spread([2]));
    expect(await answer).toMatchObject({
      accepted: true,
      reached: [
        [1, 1],
        [2, 1],
      ],
      missing: [],
    });
  });

  it('has the same answer the second time, and is not handed on again (B33)', async () => {
    const { world, replica, probe } = createServer(1, [0, 2]);
    void probe(0, 1);
    await world.take('probe', 2).answer(joined([2]));
    const first = replica.handlers.spread(0, part);
    const second = replica.handlers.spread(0, part);
    await world.take('spread', 2).answer(spread([2]));
    expect(world.calls).toEqual([]);
    expect(await second).toEqual(await first);
  });

  it('comes in parts, applied with the last', async () => {
    const { replica, probe, state } = createServer(1, [0]);
    await probe(0, 1);
    const { spread: take } = replica.handlers;
    expect(await take(0, { ...part, last: false })).toMatchObject({ accepted: true, reached: [] });
    expect(state.read('x')).toBeUndefined();
    expect(await take(0, { ...part, part: 2 })).toMatchObject({ accepted: false });
    expect(await take(0, { ...part, part: 1, entries: [] })).toMatchObject({ reached: [[1, 1]] });
    expect(state.read('x')?.value).toBe('1');
  });

  it('is refused from anybody but the parent of this very round', async () => {
    const { replica, probe } = createServer(1, [0, 2]);
    const { spread: take, pull, collect } = replica.handlers;
    await expect(take(0, part)).rejects.toEqual(STALE);
    void probe(0, 2);
    await expect(take(0, part)).rejects.toEqual(STALE);
    await expect(take(2, { ...part, round: 2 })).rejects.toEqual(STALE);
    expect(() => pull(2, { round: 2, part: 0, applied: [], clock: 0 })).toThrow(STALE);
    await expect(collect(2, { round: 2, upTo: [], clock: 0 })).rejects.toEqual(STALE);
  });
});

describe('deletions', () => {
  /** Leads a round to its end, in which server 1 answers as that life; gives what it was asked. */
  async function lead(
    { world, replica }: ReturnType<typeof createServer>,
    round: number,
    incarnation = 1,
  ): Promise<FakeCall[]> {
    const outcome = replica.stabilize(order(round, [0, 1]));
    await world.take('probe', 1).answer(joined([1]));
    await world.take('spread', 1).answer(spread([1], incarnation));
    const orders = world.calls.splice(0);
    for (const call of orders) await call.answer({ clock: 0 });
    expect(await outcome).toEqual({ reached: [0, 1], missing: [] });
    return orders;
  }

  it('are collected in the round after the one that brought them to all', async () => {
    const server = createServer(0, [1]);
    server.put('x', null);
    expect(await lead(server, 1)).toEqual([]);
    server.put('y', null);
    const [order] = await lead(server, 2);
    expect(order).toMatchObject({ method: 'collect', params: { round: 2, upTo: [[0, 1, 1]] } });
    expect([...server.state.entries()].map(({ key }) => key)).toEqual(['y']);
  });

  it('stay if a server was reached that was not reached the time before', async () => {
    const server = createServer(0, [1]);
    server.put('x', null);
    expect(await lead(server, 1)).toEqual([]);
    expect(await lead(server, 2, 2)).toEqual([]);
    expect(server.state.hasDeletions()).toBe(true);
    expect(await lead(server, 3, 2)).toHaveLength(1);
    expect(server.state.hasDeletions()).toBe(false);
  });

  it('cost no order when there are none to collect', async () => {
    const server = createServer(0, [1]);
    server.put('x', null);
    server.put('x', 'back');
    expect(await lead(server, 1)).toEqual([]);
    expect(await lead(server, 2)).toEqual([]);
    server.put('x', null);
    expect(await lead(server, 3)).toEqual([]);
  });

  it('stay if anybody that lives was not reached', async () => {
    const { world, replica, put, state } = createServer(0, [1]);
    put('x', null);
    const round = replica.stabilize(order(1, [0, 1, 2]));
    await world.take('probe', 1).answer(joined([1]));
    await world.take('spread', 1).answer(spread([1]));
    expect(await round).toEqual({ reached: [0, 1], missing: [] });
    expect(world.calls).toEqual([]);
    expect(state.hasDeletions()).toBe(true);
  });

  it('are collected down the whole tree', async () => {
    const { world, replica, put, probe, state } = createServer(1, [0, 2]);
    put('x', null);
    void probe(0, 1);
    await world.take('probe', 2).answer(joined([2]));
    const upTo: [number, number, number][] = [[1, 1, 1]];
    void replica.handlers.collect(0, { round: 1, upTo, clock: 1 });
    expect(world.take('collect', 2).params).toMatchObject({ upTo });
    expect(state.hasDeletions()).toBe(false);
  });
});

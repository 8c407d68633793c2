import { describe, expect, it } from 'vitest';
import { toVersionTuple } from '../../../src/clocks/version.ts';
import type { Configuration } from '../../../src/protocols/chain/configuration.ts';
import { ChainState, type Request } from '../../../src/protocols/chain/state.ts';

const STALE = expect.objectContaining({ code: 'ERR_STALE_EPOCH' });

/** A chain of these servers for each of them, as if the ring were in this order. */
function configure(epoch: number, ring: number[], chains: string[]): Configuration {
  return {
    epoch,
    lives: [...new Set(chains.join(' ').match(/\d+/g)?.map(Number))].map((id) => [id, 1]),
    chains: ring.map((owner, index) => {
      const [members = '', joiner] = (chains[index] ?? '').split('+');
      return {
        owner,
        members: members.trim().split(' ').filter(Boolean).map(Number),
        holders: [],
        joiner: joiner === undefined ? null : Number(joiner),
      };
    }),
  };
}

const RING = [4, 1, 3, 0, 2];
const WHOLE = ['4 1 3', '1 3 0', '3 0 2', '0 2 4', '2 4 1'];

function serverIn(id: number, chains = WHOLE): ChainState {
  const state = new ChainState({ id, incarnation: 1 });
  state.adopt(configure(1, RING, chains));
  state.begin(true);
  return state;
}

/** Keys of the arcs of server 0, and of 2, on that ring. */
const request = (seq: number, key = 'cherry'): Request => ({
  key,
  value: `v${seq}`,
  session: { id: 100, incarnation: 1 },
  seq,
});

describe('the positions of a server', () => {
  it('are one for each chain that it is in', () => {
    const positions = Array.from(serverIn(0).positions(), (position) => [
      position.owner,
      position.predecessor,
      position.successor,
      position.isTail,
    ]);
    expect(positions).toEqual([
      [1, 3, undefined, true],
      [3, 3, 2, false],
      [0, undefined, 2, false],
    ]);
  });

  it('make it synced where it is the head, and nowhere else', () => {
    const synced = Array.from(serverIn(0).positions(), ({ log }) => log.isSynced);
    expect(synced).toEqual([false, false, true]);
  });

  it('are none for another life of its id, which lacks them', () => {
    const state = new ChainState({ id: 0, incarnation: 2 });
    state.adopt(configure(1, RING, WHOLE));
    expect([state.isInService, state.standing.lacksPositions]).toEqual([false, true]);
    expect(() => state.position(0)).toThrow(STALE);
  });

  it('lack something where a chain of its arcs goes on without it', () => {
    expect(serverIn(0).standing.lacksPositions).toBe(false);
    expect(serverIn(0, ['4 1 3', '1 3 0', '3 2', '0 2 4', '2 4 1']).standing.lacksPositions).toBe(
      true,
    );
  });

  it('of a joiner are after the tail, which does not wait for it at first', () => {
    const tail = serverIn(4, ['4 1 3', '1 3 0', '3 0 2', '2 4+0', '2 4 1']).position(0);
    expect(tail).toMatchObject({ successor: 0, isTail: true, down: { isCounted: false } });
    const joiner = serverIn(0, ['4 1 3', '1 3', '3 2', '2 4+0', '2 4 1']).position(0);
    expect(joiner).toMatchObject({ predecessor: 4, isTail: false, isJoiner: true });
  });
});

describe('an epoch', () => {
  it('only goes up (H6)', () => {
    const state = serverIn(0);
    expect(state.adopt(configure(1, RING, []))).toBe(false);
    expect(state.adopt(configure(0, RING, []))).toBe(false);
    expect(state.adopt(configure(3, RING, WHOLE))).toBe(true);
    expect(() => state.assertEpoch(1)).toThrow(STALE);
    expect(() => state.assertEpoch(4)).toThrow(STALE);
    expect(state.assertEpoch(3)).toBeUndefined();
  });

  it('keeps what was pending at a new head, which is in sync when that is durable (H5)', () => {
    const state = serverIn(2);
    const { log } = state.position(0);
    const version = { timestamp: 7, origin: { id: 0, incarnation: 1 } };
    log.isSynced = true;
    state.append(state.position(0), 0, [{ ...request(1), version }]);
    state.adopt(configure(2, RING, ['4 1 3', '1 3', '3 2', '2 4', '2 4 1']));
    expect(state.position(0)).toMatchObject({ predecessor: undefined, log: { isSynced: false } });
    expect(state.acknowledge(state.position(0))).toBeUndefined();
    state.begin(true);
    expect(state.position(0).log.isSynced).toBe(true);
    expect(state.position(0).log.pending).toHaveLength(1);
    expect(state.accept(state.epoch, request(2)).version).toEqual({
      timestamp: 8,
      origin: { id: 2, incarnation: 1 },
    });
  });

  it('that removes a server keeps its logs, and a later one gives its positions back', () => {
    const state = serverIn(0);
    state.accept(state.epoch, request(1));
    state.adopt(configure(2, RING, ['4 1 3', '1 3', '3 2', '2 4', '2 4 1']));
    expect([state.isInService, state.logs.get(0)?.pending.length]).toEqual([false, 1]);
    state.adopt(configure(3, RING, ['4 1 3', '1 3+0', '3 2+0', '2 4+0', '2 4 1']));
    expect(state.position(0).log.pending).toHaveLength(1);
    expect(state.position(0).log.isSynced).toBe(false);
  });

  it('takes the logs away that belong to others now', () => {
    const state = new ChainState({ id: 2, incarnation: 1 });
    state.adopt(configure(1, [0, 2], ['0 2', '2 0']));
    expect([...state.logs.keys()]).toEqual([0, 2]);
    const six = [4, 1, 3, 0, 2];
    state.adopt(configure(2, six, ['4 1 3', '1 3 0', '3 0 2', '0 2 4', '2 4 1']));
    expect([...state.logs.keys()]).toEqual([3, 0, 2]);
  });
});

describe('a compare-and-set', () => {
  const asks = (seq: number, expected: string, value = `new ${seq}`) => ({
    ...request(seq),
    expected,
    value,
  });

  it('is compared with the latest write, which may be on its way', () => {
    const state = serverIn(0);
    const { log } = state.position(0);
    const { key } = request(1);
    state.accept(1, { ...request(1), value: 'a' });
    const second = state.accept(1, asks(2, 'a', 'b'));
    expect(second.entry).toMatchObject({ key, value: 'b' });
    const failed = state.accept(1, asks(3, 'a'));
    expect(failed).toMatchObject({ isNoop: true, entry: { value: null, isNoop: true } });
    expect(failed.found).toEqual({ value: 'b', version: toVersionTuple(second.version) });
    expect(state.accept(1, asks(3, 'a'))).toEqual({
      ...failed,
      entry: undefined,
      found: undefined,
    });
    // What changes nothing is not compared with.
    expect(state.accept(1, asks(4, 'b', 'c')).isNoop).toBeUndefined();
    expect(log.latest(key)?.value).toBe('c');
    expect(log.pending.map(({ value, isNoop }) => isNoop ?? value)).toEqual(['a', 'b', true, 'c']);
  });

  it('is compared with what is acknowledged, where nothing is on its way', () => {
    const state = serverIn(0);
    const { log } = state.position(0);
    state.accept(1, { ...request(1), value: 'a' });
    log.keep(log.generation, log.last);
    log.commit(log.last);
    expect(state.accept(1, asks(2, 'a')).isNoop).toBeUndefined();
    expect(state.accept(1, asks(3, 'a')).isNoop).toBe(true);
  });

  it('finds nothing at a key that is absent, or was deleted', () => {
    const state = serverIn(0);
    expect(state.accept(1, asks(1, '')).isNoop).toBe(true);
    state.accept(1, { ...request(2), value: 'a' });
    state.accept(1, { ...request(3), value: null });
    expect(state.accept(1, asks(4, 'a')).isNoop).toBe(true);
  });

  it('has one outcome, however often it comes and whatever is written since (H7)', () => {
    const state = serverIn(0);
    const { log } = state.position(0);
    state.accept(1, { ...request(1), value: 'a' });
    const failed = state.accept(1, asks(2, 'b'));
    const session = { id: 101, incarnation: 1 };
    state.accept(1, { ...request(1), session, value: 'b' });
    const again = { position: state.position(0), version: failed.version, isNoop: true };
    expect(state.accept(1, asks(2, 'b'))).toEqual(again);
    log.keep(log.generation, log.last);
    log.commit(log.last);
    expect(log.read(request(1).key)?.value).toBe('b');
    expect(state.accept(1, asks(2, 'b'))).toEqual(again);
    // A log that catches up knows it, too.
    const other = serverIn(0).position(0).log;
    other.install(log.catchupFrom(0));
    expect(other.find(asks(2, 'b'))).toEqual({ version: failed.version, isNoop: true });
    expect(other.read(request(1).key)?.value).toBe('b');
  });
});

describe('a request', () => {
  it('has its version once, however often it comes (H7)', () => {
    const state = serverIn(0);
    const position = state.position(0);
    const first = state.accept(state.epoch, request(1));
    expect(first.entry).toBeDefined();
    expect(state.accept(state.epoch, request(1))).toEqual({ position, version: first.version });
    state.accept(state.epoch, request(2));
    expect(() => state.accept(state.epoch, request(1))).toThrow('a late copy');
    expect(position.log.pending).toHaveLength(2);
  });
});

/** The tail of server 0's arc, in sync, with two writes that no disk is known to have. */
function tailWithTwo() {
  const state = serverIn(4);
  const position = state.position(0);
  position.log.isSynced = true;
  const versions = [1, 2].map((timestamp) => ({ timestamp, origin: { id: 0, incarnation: 1 } }));
  state.append(
    position,
    0,
    versions.map((version) => ({ ...request(version.timestamp), version })),
  );
  return { state, position };
}

describe('a write that the disk of its head refuses', () => {
  function refused(chain: string) {
    const state = new ChainState({ id: 0, incarnation: 1 });
    state.adopt(configure(1, [0], [chain]));
    state.begin(true);
    const { position, entry } = state.accept(state.epoch, request(1));
    if (entry === undefined) throw new Error('a new request has an entry');
    state.refused();
    return { state, position, entry };
  }

  it('is removed where no other server can have it', () => {
    const { state, position, entry } = refused('0');
    expect(state.retract(position, entry)).toBe(true);
    expect(position.log.pending).toEqual([]);
  });

  it.each([
    ['a successor', '0 1'],
    ['a joiner', '0+1'],
  ])('stays where %s may have it, and the server takes no other', (_who, chain) => {
    const { state, position, entry } = refused(chain);
    expect(state.retract(position, entry)).toBe(false);
    expect(position.log.pending).toEqual([entry]);
    expect(() => state.accept(state.epoch, request(2))).toThrow(
      expect.objectContaining({ code: 'E_STORAGE' }),
    );
  });

  it('stays where a later epoch may have sent it', () => {
    const { state, position, entry } = refused('0');
    state.adopt(configure(2, [0], ['0+1']));
    expect(state.retract(position, entry)).toBe(false);
    expect(state.position(0).log.pending).toEqual([entry]);
  });
});

describe('acknowledgements', () => {
  it.each([
    ['of what is durable there and before it', 1, 1, 1],
    ['of nothing that its own disk lacks (H3)', 0, 1, 0],
    ['of nothing that a disk before it lacks (H3)', 1, 0, 0],
    ['of the lesser of the two', 2, 1, 1],
  ])('begin at the tail, %s', (_what, durable, before, acknowledged) => {
    const { state, position } = tailWithTwo();
    position.log.keep(position.log.generation, durable);
    state.assured(position, before);
    state.acknowledge(position);
    expect(position.log.committed).toBe(acknowledged);
  });

  it('go by the most that was said of the disks before', () => {
    const { state, position } = tailWithTwo();
    position.log.keep(position.log.generation, 2);
    for (const upTo of [2, 1]) state.assured(position, upTo);
    expect(state.acknowledge(position)).toHaveLength(2);
  });

  it('do not go by what was said in an earlier epoch (H6)', () => {
    const { state, position } = tailWithTwo();
    position.log.keep(position.log.generation, 2);
    state.assured(position, 2);
    state.adopt(configure(2, RING, WHOLE));
    state.begin(true);
    const next = state.position(0);
    next.log.isSynced = true;
    expect(state.acknowledge(next)).toBeUndefined();
    state.assured(next, 1);
    expect(state.acknowledge(next)).toHaveLength(1);
  });

  it('of a head without a successor wait for its own disk alone', () => {
    const state = new ChainState({ id: 0, incarnation: 1 });
    state.adopt(configure(1, [0], ['0']));
    state.begin(true);
    const { position } = state.accept(state.epoch, request(1));
    expect(state.acknowledge(position)).toBeUndefined();
    state.kept(state.marks());
    expect(state.acknowledge(position)).toHaveLength(1);
  });

  it('come to the others from behind, and never reach beyond their own disks', () => {
    const state = serverIn(0);
    const position = state.position(0);
    const { version } = state.accept(state.epoch, request(1));
    position.log.keep(position.log.generation, version.timestamp);
    expect(state.acknowledge(position)).toBeUndefined();
    expect(state.acknowledged(position, 99)).toHaveLength(1);
    expect(position.log.committed).toBe(version.timestamp);
  });

  it('do not come from a joiner that does not count, and are waited for from one that does', () => {
    const state = serverIn(4, ['4 1 3', '1 3 0', '3 0 2', '2 4+0', '2 4 1']);
    const position = state.position(0);
    position.log.isSynced = true;
    state.append(position, 0, [
      { ...request(1), version: { timestamp: 1, origin: { id: 2, incarnation: 1 } } },
    ]);
    position.log.keep(position.log.generation, 1);
    expect(state.acknowledged(position, 1)).toBeUndefined();
    const { down } = position;
    if (down !== undefined) down.isCounted = true;
    expect(state.acknowledge(position)).toBeUndefined();
    expect(state.acknowledged(position, 1)).toHaveLength(1);
  });

  it('are not given by a log that is not in sync (H5)', () => {
    const state = serverIn(4);
    const position = state.position(0);
    position.log.keep(position.log.generation, 5);
    expect(state.acknowledge(position)).toBeUndefined();
  });
});

describe('a server that is left alone, and whose disk has no room to keep that', () => {
  const session = { id: 100, incarnation: 1 };
  const write = (state: ChainState, key: string, seq: number): void => {
    state.accept(state.epoch, { key, value: 'v', session, seq });
  };

  /** Of four writes the first is acknowledged, the next two are durable. */
  function leftAlone(isKept: boolean): ChainState {
    const state = new ChainState({ id: 0, incarnation: 1 });
    state.adopt(configure(1, [0], ['0 1']));
    state.begin(true);
    for (const [index, key] of ['a', 'b', 'c', 'd'].entries()) write(state, key, index + 1);
    const { log } = state.position(0);
    log.keep(log.generation, 3);
    log.commit(1);
    state.adopt(configure(2, [0], ['0']));
    state.begin(isKept);
    return state;
  }

  it('acknowledges nothing, and knows of which keys it is not certain', () => {
    const state = leftAlone(false);
    const position = state.position(0);
    expect(state.acknowledge(position)).toBeUndefined();
    expect([position.log.isSynced, position.log.committed]).toEqual([true, 1]);
    const certain = ['a', 'b', 'c', 'd', 'x'].filter((key) => state.isCertain(position, key));
    // The disk never had the last, so no server can have acknowledged it.
    expect(certain).toEqual(['a', 'd', 'x']);
    expect(state.isCertain(position)).toBe(false);
  });

  it('is not certain either of a write that it was just given again and could not store', () => {
    const state = new ChainState({ id: 0, incarnation: 1 });
    state.adopt(configure(1, [0], ['1 0 2']));
    const { log } = state.position(0);
    log.isSynced = true;
    const version = { timestamp: 1, origin: { id: 1, incarnation: 1 } };
    state.append(state.position(0), 0, [{ ...request(1, 'a'), version }]);
    state.kept(state.marks());
    // Server 2 has acknowledged it, and has died since. Server 1 does not know.
    state.adopt(configure(2, [0], ['1 0']));
    state.install(log, log.catchupFrom(0));
    state.refused();
    state.adopt(configure(3, [0], ['0']));
    state.begin(false);
    expect(state.isCertain(state.position(0), 'a')).toBe(false);
  });

  it('would acknowledge them with it', () => {
    const state = leftAlone(true);
    const position = state.position(0);
    expect(state.acknowledge(position)).toBeDefined();
    expect([position.log.committed, state.isCertain(position)]).toEqual([3, true]);
  });
});

describe('what an earlier run has left', () => {
  const LATER = 2 ** 20 + 1;
  const session = { id: 100, incarnation: 1 };

  /** A server that was alone, and has one write of that time. */
  function leftBehind(): ChainState {
    const state = new ChainState({ id: 0, incarnation: 1 });
    state.adopt(configure(1, [0], ['0']));
    state.begin(true);
    state.accept(state.epoch, { key: 'a', value: 'v', session, seq: 1 });
    const { log } = state.position(0);
    log.keep(log.generation, 1);
    log.commit(1);
    return state;
  }

  it.each([
    ['goes where others go on, because they may have gone another way', ['1 +0'], LATER, []],
    ['stays where this server goes on', ['0'], LATER, ['a']],
    ['stays if no server goes on', [''], LATER, ['a']],
    ['stays within a run', ['1 +0'], 2, ['a']],
  ])('%s', (_what, chains, epoch, keys) => {
    const state = leftBehind();
    state.adopt(configure(epoch, [0], chains));
    expect(Array.from(state.values(), ([key]) => key)).toEqual(keys);
  });

  it.each([
    ['goes where another may bring the chain back: this server will join it', [1], []],
    ['stays where this server may bring it back', [0, 1], ['a']],
  ])('%s', (_what, holders, keys) => {
    const state = leftBehind();
    const dead = configure(LATER, [0], ['']);
    state.adopt({ ...dead, chains: dead.chains.map((chain) => ({ ...chain, holders })) });
    expect(Array.from(state.values(), ([key]) => key)).toEqual(keys);
  });
});

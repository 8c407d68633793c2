import { describe, expect, it } from 'vitest';
import { CallError, type CallErrorCode } from '../../../src/kernel/errors.ts';
import type { PendingWrite } from '../../../src/protocols/quorum/pendingWrite.ts';
import { QuorumState } from '../../../src/protocols/quorum/state.ts';
import { begin, createState, ORDERED, put, settings } from './writes.ts';

function codeOf(action: () => unknown): CallErrorCode | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof CallError) return error.code;
    throw error;
  }
}

function serversOf({ called }: PendingWrite): readonly number[] {
  return called.map(({ server }) => server);
}

describe('a request', () => {
  it('is coordinated by any of the first N healthy servers of the key', () => {
    expect([0, 1, 2, 3].map((id) => createState(id).route('137'))).toEqual([
      ...['here', [2, 3, 0], 'here', 'here'],
    ]);
  });

  it('is coordinated by a server that is no replica if a replica is believed dead', () => {
    const state = createState(1);
    state.liveness.disconnected(3);
    expect(state.route('137')).toBe('here');
    state.liveness.connected(3);
    state.liveness.failed(0);
    expect(state.route('137')).toBe('here');
    state.liveness.heard(0);
    expect(state.route('137')).toEqual([2, 3, 0]);
  });

  it('is passed on by a server without a place on the ring', () => {
    const state = new QuorumState({ id: 7, incarnation: 1 }, settings());
    expect(codeOf(() => state.route('0'))).toBe('ERR_NO_RING');
    state.adopt(ORDERED, false);
    expect(codeOf(() => state.route('0'))).toBe('ERR_UNAVAILABLE');
    state.liveness.connected(3);
    state.liveness.connected(1);
    expect(state.route('0')).toEqual([1, 3]);
    expect([state.isMember, state.isComplete]).toEqual([false, true]);
  });

  it('names a key that the partitioner knows', () => {
    expect(codeOf(() => createState(0).route('x'))).toBe('E_BAD_REQUEST');
  });
});

describe('a write', () => {
  it('is above every version that its coordinator has heard of', () => {
    const state = createState(2);
    state.keep(put('137', 41), false);
    const { write, needed, called } = begin(state, '137', null);
    expect(write).toEqual({
      ...{ key: '137', value: 'v' },
      version: { timestamp: 42, origin: { id: 2, incarnation: 1 } },
      context: null,
    });
    expect([needed, called.map(({ server }) => server)]).toEqual([2, [2, 3, 0]]);
    expect(state.store.find('137')).toEqual([put('137', 41)]);
  });

  it('goes to the replicas that are believed alive', () => {
    const state = createState(1);
    state.liveness.disconnected(3);
    const { called, unconfirmed } = begin(state, '137', 'one');
    expect(called.map(({ server }) => server)).toEqual([2, 0]);
    expect(unconfirmed).toEqual([2, 3, 0]);
  });

  it('is refused before anything is written if too few are', () => {
    const state = createState(1);
    for (const id of [2, 3]) state.liveness.disconnected(id);
    expect(codeOf(() => begin(state, '137', 'quorum'))).toBe('ERR_UNAVAILABLE');
    expect(state.clock.time).toBe(0);
    expect(serversOf(begin(state, '137', 'one'))).toEqual([0]);
    state.liveness.disconnected(0);
    expect(codeOf(() => begin(state, '137', 'one'))).toBe('ERR_UNAVAILABLE');
    expect(state.hints.size).toBe(0);
  });

  it('counts its level against N, with fewer servers too', () => {
    const state = new QuorumState({ id: 0, incarnation: 1 }, settings());
    state.adopt({ ...ORDERED, members: [[0, 1]] }, true);
    expect(serversOf(begin(state, '0', 'one'))).toEqual([0]);
    expect(codeOf(() => begin(state, '0', 'quorum'))).toBe('ERR_UNAVAILABLE');
  });
});

describe('a level', () => {
  it('that the ring cannot meet is refused as such, whatever the options of this run are', () => {
    const state = createState(2, { n: '5', read: '5', write: '5' });
    expect(codeOf(() => begin(state, '137', 4))).toBe('ERR_LEVEL');
    expect(codeOf(() => begin(state, '137', null))).toBe('ERR_LEVEL');
    expect(codeOf(() => state.beginRead('137', 4))).toBe('ERR_LEVEL');
    expect(codeOf(() => state.beginRead('137', null))).toBe('ERR_LEVEL');
    expect(state.clock.time).toBe(0);
    expect(begin(state, '137', 'all').needed).toBe(3);
    expect(begin(state, '137', 'quorum').needed).toBe(2);
  });
});

describe('what a server keeps', () => {
  it('is data only for keys that it is a replica of', () => {
    const state = createState(1);
    state.keep(put('137', 1), false);
    state.keep(put('0', 2), false);
    expect([...state.store.values()]).toEqual([['0', 'v2']]);
    state.keepHint({ owner: 3, write: put('137', 7) });
    expect([...state.store.values()]).toEqual([['0', 'v2']]);
    expect(state.clock.time).toBe(7);
  });

  it('is nothing below the floor, unless it is a copy of what a replica has', () => {
    const state = createState(0);
    state.store.collect(5);
    state.keep(put('0', 4), false);
    expect(state.store.size).toBe(0);
    state.keep(put('0', 4), true);
    expect(state.store.find('0')).toEqual([put('0', 4)]);
  });
});

describe('a write of a peer', () => {
  it('is refused before it goes to the log, if it is absurd or for another replica', () => {
    const state = createState(1);
    expect(codeOf(() => state.check(put('137', 1), 1))).toBe('E_BAD_REQUEST');
    expect(codeOf(() => state.check(put('x', 1), 1))).toBe('E_BAD_REQUEST');
    expect(codeOf(() => state.check(put('0', 2 ** 50), 1))).toBe('E_CLOCK_JUMP');
    expect(codeOf(() => state.check(put('0', 7), 1))).toBe(undefined);
    // A stand-in takes it for a replica.
    expect(codeOf(() => state.check(put('137', 1), 2))).toBe(undefined);
    expect(state.clock.time).toBe(0);
  });
});

describe('a member that comes back without its data', () => {
  it('does not count for reads before it has copied from all that share keys with it', () => {
    const state = new QuorumState({ id: 0, incarnation: 2 }, settings());
    state.adopt(ORDERED, false);
    expect(state.uncopied).toEqual([1, 2, 3]);
    expect(codeOf(() => state.read('0'))).toBe('ERR_NOT_COPIED');
    for (const id of [1, 3]) state.copied(id);
    expect(codeOf(() => state.read('0'))).toBe('ERR_NOT_COPIED');
    state.copied(2);
    expect(state.read('0')).toEqual([]);
  });

  it('has nothing to copy if there is no other member', () => {
    const state = new QuorumState({ id: 0, incarnation: 2 }, settings());
    state.adopt({ ...ORDERED, members: [[0, 1]] }, false);
    expect(state.isComplete).toBe(true);
  });

  it('stays complete when it hears of the same ring again', () => {
    const state = createState(0);
    state.adopt(ORDERED, false);
    expect(state.isComplete).toBe(true);
    state.adopt({ ...ORDERED, number: 2 }, false);
    expect(state.isComplete).toBe(false);
  });
});

describe('liveness', () => {
  it('is lost with the link, or with a failed call, until the server is heard', () => {
    const { liveness } = createState(0);
    liveness.failed(1);
    expect([1, 2].map((id) => liveness.isAlive(id))).toEqual([false, true]);
    expect(liveness.heard(1)).toBe(true);
    expect(liveness.heard(1)).toBe(false);
    expect(liveness.isAlive(1)).toBe(true);
    liveness.disconnected(1);
    liveness.heard(1);
    expect(liveness.isAlive(1)).toBe(false);
    liveness.failed(1);
    liveness.connected(1);
    expect(liveness.isAlive(1)).toBe(true);
  });

  it('does not depend on failed calls with suspectOnError=off', () => {
    const { liveness } = createState(0, { suspectOnError: 'off' });
    liveness.failed(1);
    expect(liveness.isAlive(1)).toBe(true);
    expect(liveness.heard(1)).toBe(true);
  });
});

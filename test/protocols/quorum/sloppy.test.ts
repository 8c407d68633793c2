import { describe, expect, it } from 'vitest';
import { PendingRead } from '../../../src/protocols/quorum/pendingRead.ts';
import { PendingWrite } from '../../../src/protocols/quorum/pendingWrite.ts';
import { play } from './simulatedRun.ts';
import { begin, createState, put } from './writes.ts';

/** The replicas of key 5 are 0, 1 and 2; server 3 may stand in. */
const SLOPPY = { quorum: 'sloppy' };

describe('a sloppy write', () => {
  it('goes to the first N healthy servers, and one that is no replica stands in', () => {
    const state = createState(0, SLOPPY);
    state.liveness.disconnected(1);
    const write = begin(state, '5', 'all');
    expect(write.called).toEqual([
      { server: 0, owner: 0 },
      { server: 2, owner: 2 },
      { server: 3, owner: 1 },
    ]);
    for (const target of write.called) write.confirmed(target);
    expect([write.decision, write.unconfirmed]).toEqual(['met', []]);
    expect(write.keeperFor(1)).toBe(3);
  });

  it('is owed to the replicas for which nobody stands in', () => {
    const state = createState(0, SLOPPY);
    for (const id of [1, 2]) state.liveness.disconnected(id);
    const write = begin(state, '5', 'quorum');
    expect(write.called).toEqual([
      { server: 0, owner: 0 },
      { server: 3, owner: 1 },
    ]);
    for (const target of write.called) write.confirmed(target);
    expect([write.decision, write.unconfirmed]).toEqual(['met', [2]]);
  });

  it('has a stand-in for each server that fails, as long as there are any', () => {
    const plan = {
      needed: 3,
      lists: [[1, 2, 3]],
      called: [1, 2, 3].map((server) => ({ server, owner: server })),
      spares: [4, 5],
    };
    const write = new PendingWrite(put('x', 1), plan);
    const standIn = write.failed({ server: 2, owner: 2 }, false);
    expect(standIn).toEqual({ server: 4, owner: 2 });
    expect(write.decision).toBe('open');
    const second = write.failed({ server: 4, owner: 2 }, false);
    expect(second).toEqual({ server: 5, owner: 2 });
    expect(write.failed({ server: 3, owner: 3 }, false)).toBe(undefined);
    expect(write.decision).toBe('failed');
    write.confirmed({ server: 1, owner: 1 });
    write.confirmed({ server: 5, owner: 2 });
    expect(write.confirmations).toEqual([1, 5]);
    expect(write.unconfirmed).toEqual([3]);
  });

  it('is refused if fewer servers are believed alive than the level asks for', () => {
    const state = createState(0, SLOPPY);
    for (const id of [1, 2, 3]) state.liveness.disconnected(id);
    expect(() => begin(state, '5', 'quorum')).toThrow('1 of 2');
    expect(begin(state, '5', 'one').unconfirmed).toEqual([0, 1, 2]);
  });
});

describe('a silent server', () => {
  it('counts as failed after half of the timeout, so that another one can take its place', () => {
    expect(createState(0, { ...SLOPPY, timeout: '500ms' }).settings.callMs).toBe(250);
    expect(createState(0, { timeout: '500ms' }).settings.callMs).toBe(500);
  });

  it('has no stand-in any more when the time of the write is over', () => {
    const state = createState(0, { ...SLOPPY, n: '2' });
    const write = begin(state, '5', 'one');
    const [, second] = write.called;
    write.expire();
    expect(second && write.failed(second, false)).toBe(undefined);
  });
});

describe('a stand-in', () => {
  it('is read as a replica would be, until its hint is delivered', () => {
    const state = createState(3, SLOPPY);
    expect(state.read('5')).toEqual([]);
    state.keepHint({ owner: 1, write: put('5', 4) });
    state.keepHint({ owner: 2, write: put('5', 3) });
    expect(state.read('5')).toEqual([put('5', 4)]);
    expect([...state.standIns()]).toEqual([put('5', 4)]);
    state.hints.remove(1, '5', () => true);
    expect(state.read('5')).toEqual([put('5', 3)]);
    state.hints.remove(2, '5', () => true);
    expect([...state.standIns()]).toEqual([]);
  });

  it('shows each value of a key once, as a replica does', async () => {
    const { stores } = await play(
      'protocol quorum partitioner=byteOrdered quorum=sloppy versions=vector n=1;joinServer 0;' +
        'joinServer 1;joinClient 10 1;joinClient 11 1;put 10 0 a;killServer 0;put 10 0 v;' +
        'put 11 0 v;printStore 1',
    );
    expect(stores).toEqual(['0:v']);
  });

  it('shows no debts: hints of a coordinator that is a replica itself', () => {
    const state = createState(0, SLOPPY);
    state.keepHint({ owner: 1, write: put('5', 4) });
    expect(state.read('5')).toEqual([]);
    expect([...state.standIns()]).toEqual([]);
  });

  it('is not there with a strict quorum: hints are no data', () => {
    const state = createState(3);
    state.keepHint({ owner: 1, write: put('5', 4) });
    expect(state.read('5')).toEqual([]);
    expect([...state.standIns()]).toEqual([]);
  });
});

describe('a sloppy read', () => {
  it('asks the first N healthy servers', () => {
    const state = createState(0, SLOPPY);
    state.liveness.disconnected(1);
    expect(state.beginRead('5', 'all').called).toEqual([0, 2, 3]);
  });

  it('asks the next server in the place of one that fails', () => {
    const read = new PendingRead(2, [1, 2], [3, 4]);
    expect(read.failed(1, false)).toBe(3);
    read.answered(2, [put('x', 1)]);
    expect(read.isMet).toBe(false);
    read.answered(3, [put('x', 2)]);
    expect(read.decision).toEqual({ kind: 'answered', writes: [put('x', 2)] });
    expect(read.failed(2, false)).toBe(4);
    read.expire();
    expect(read.decision).toEqual({ kind: 'failed', isCertain: false });
  });
});

// The decisions of a server of a group.
import { describe, expect, it } from 'vitest';
import type { Configuration } from '../../../src/protocols/sharded/configuration.ts';
import type { GroupLog, Snapshot } from '../../../src/protocols/sharded/log.ts';
import type { Position } from '../../../src/protocols/sharded/position.ts';
import { ShardedState } from '../../../src/protocols/sharded/state.ts';
import { configuration, entry, group, lifeOf, put, request, settings } from './builders.ts';

const PAIR = configuration(5, [group(1, [0, 1])]);

function serverAt(
  id: number,
  { options = {}, one = PAIR }: { options?: Record<string, string>; one?: Configuration } = {},
) {
  const state = new ShardedState(lifeOf(id), settings(options));
  state.adopt(one);
  state.kept(one.number);
  const { log, position } = state;
  if (log === undefined || position === undefined) throw new Error('no position');
  return { state, log, position };
}

/** A secondary that has applied one write of key 0, and has the next one on its way. */
function secondary(options: Record<string, string> = {}): {
  state: ShardedState;
  log: GroupLog;
  position: Position;
} {
  const server = serverAt(1, { options });
  server.log.push(put(1, 1, 'old'));
  server.log.push(put(1, 2, 'new'));
  server.log.push(put(1, 3, 'v', '1'));
  server.log.keep(server.log.generation, 3);
  server.position.isSynced = true;
  server.log.apply(1);
  return server;
}

function snapshotUpTo(upTo: number): Snapshot {
  return { upTo, history: [[1, 1]], received: [], pieces: [] };
}

describe('a read', () => {
  it('of a key with a write on its way is for the primary to answer (S4)', () => {
    const { state, log, position } = secondary();
    expect(state.read(position, '0')).toBe('dirty');
    expect(state.read(position, '1')).toBe('dirty');
    expect(state.read(position, '2')).toBeUndefined();
    log.apply(3);
    expect(state.read(position, '0')).toMatchObject({ value: 'new' });
  });

  it('is answered with sync=NUMBER by what the server has', () => {
    const { state, position } = secondary({ sync: '1' });
    expect(state.read(position, '0')).toMatchObject({ value: 'old' });
  });

  it('is refused in a position that is over, or out of step', () => {
    const { state, position } = secondary();
    position.isSynced = false;
    expect(() => state.read(position, '0')).toThrow('configuration 5');
    position.isSynced = true;
    state.adopt({ ...PAIR, number: 6, groups: [group(1, [1, 0], { epoch: 6 })] });
    expect(() => state.read(position, '0')).toThrow('configuration 6');
  });

  it('is refused by a server that does not serve, or in a group without the key (S1)', () => {
    const joiner = group(1, [0], { joiners: [[1, 1]], members: [0, 1] });
    const { state } = serverAt(1, { one: configuration(5, [joiner]) });
    expect(() => state.owned('0')).toThrow('configuration 5');
    const other = serverAt(0, { one: { ...PAIR, owners: [1, 2, 1, 1] } });
    expect(() => other.state.owned('1')).toThrow('configuration 5');
    expect(other.state.owned('0')).toBe(other.position);
  });

  it('for a secondary comes from a primary that has settled', () => {
    const { state, log } = serverAt(0);
    expect(state.latest(1, 1, '0')).toBeUndefined();
    expect(() => state.latest(1, 2, '0')).toThrow('2 of group 1');
    log.push(put(1, 1));
    state.adopt({ ...PAIR, number: 6, groups: [group(1, [0, 1], { epoch: 6 })] });
    expect(() => state.latest(1, 6, '0')).toThrow('not a settled primary');
    log.apply(1);
    expect(state.latest(1, 6, '0')).toMatchObject({ value: 'v1' });
  });
});

describe('a request', () => {
  it('makes one entry, however often it comes (S6)', () => {
    const { state, log } = serverAt(0);
    const pop = request(2, 'popLeft');
    state.accept(request(1, 'put', { value: 'ab' }));
    expect(state.accept(pop)).toMatchObject({ index: 2, entry: { request: pop } });
    const copy = state.accept(pop);
    expect([copy, log.last]).toEqual([{ position: state.position, index: 2 }, 2]);
    log.apply(2);
    expect(state.accept(pop)).toMatchObject({ reply: { value: 'a' } });
    state.accept(request(3, 'popLeft', { ended: 2 }));
    log.apply(3);
    expect(() => state.accept(pop)).toThrow('late copy');
    expect(log.last).toBe(3);
  });

  it('is for the primary, and for none whose disk is full', () => {
    expect(() => serverAt(1).state.accept(request(1, 'put', { value: 'a' }))).toThrow(
      'configuration 5',
    );
    const { state } = serverAt(0);
    state.refused();
    expect(() => state.accept(request(1, 'put', { value: 'a' }))).toThrow(/disk|storage/i);
  });

  it('is applied when the disk has the configuration', () => {
    const state = new ShardedState(lifeOf(0), settings());
    state.adopt(configuration(5, [group(1, [0])]));
    state.accept(request(1, 'put', { value: 'a' }));
    state.log?.keep(state.log.generation, 1);
    expect(state.advance()).toEqual([]);
    state.kept(4);
    expect(state.advance()).toEqual([]);
    state.kept(5);
    expect(state.advance()).toHaveLength(1);
  });
});

describe('a configuration', () => {
  it('is adopted if it is later than the last (S7)', () => {
    const { state } = serverAt(0);
    expect([state.adopt(PAIR), state.adopt({ ...PAIR, number: 4 })]).toEqual([false, false]);
    expect(state.number).toBe(5);
  });

  it('of the same epoch keeps the position, and of another ends it', () => {
    const { state, position } = serverAt(0);
    state.adopt({ ...PAIR, number: 6 });
    expect(state.isCurrent(position)).toBe(true);
    state.adopt({ ...PAIR, number: 7, groups: [group(1, [0, 1], { epoch: 7 })] });
    expect(state.isCurrent(position)).toBe(false);
  });

  it('without a place, or with one in another group, keeps no data', () => {
    for (const groups of [[group(1, [1])], [group(1, [1]), group(2, [0])]]) {
      const { state, log } = serverAt(0);
      log.push(put(1, 1));
      log.apply(1);
      state.adopt({ ...PAIR, number: 6, groups });
      expect(state.log?.last ?? 0).toBe(0);
      expect(state.position?.log).toBe(state.log);
    }
  });

  it('is reported from the disk also by a server without a place', () => {
    expect(new ShardedState(lifeOf(0), settings()).reportDisk()).toBeNull();
    const { state, log } = serverAt(0);
    log.push(put(1, 1));
    expect(state.reportDisk()).toMatchObject({ configuration: PAIR, group: 1, last: 1 });
    const left = { ...PAIR, number: 6, groups: [group(1, [1])] };
    state.restore(left, null);
    expect(state.reportDisk()).toMatchObject({ configuration: left, group: null, last: 0 });
  });
});

describe('an entry of the primary', () => {
  it('is taken in its epoch, and from it only', () => {
    const { state, position } = serverAt(1);
    expect(state.positionAfter(0, 1, 1)).toBe(position);
    expect(() => state.positionAfter(2, 1, 1)).toThrow('2 is no primary');
    expect(() => state.positionAfter(0, 1, 2)).toThrow('2 of group 1');
    expect(() => serverAt(0).state.positionAfter(0, 1, 1)).toThrow('0 is no primary');
  });

  it('that cuts removes what an earlier primary had sent, and puts the server in step', () => {
    const { state, log, position } = serverAt(1);
    for (const seq of [1, 2, 3]) log.push(put(1, seq));
    expect(state.append(position, 1, [put(2, 4)], true)).toHaveLength(1);
    expect([log.extent.history, log.last, position.isSynced]).toEqual([
      [
        [1, 1],
        [2, 2],
      ],
      2,
      true,
    ]);
    expect(state.clock.time).toBe(4);
  });

  it('that cuts removes nothing that came after it, when a copy of it is late', () => {
    const { state, log, position } = serverAt(1);
    const first = [put(1, 1), put(1, 2)];
    state.append(position, 0, first, true);
    state.append(position, 2, [put(1, 3), put(1, 4)], false);
    expect(state.append(position, 0, first, true)).toEqual([]);
    expect(log.last).toBe(4);
    log.apply(3);
    expect(state.append(position, 0, first, true)).toEqual([]);
    expect([log.last, log.applied]).toEqual([4, 3]);
  });

  it('that would cut what is applied needs a snapshot', () => {
    const { state, log, position } = serverAt(1);
    for (const seq of [1, 2, 3]) log.push(put(1, seq));
    log.apply(2);
    expect(state.append(position, 1, [put(2, 4)], true)).toBe('gap');
    expect([log.last, position.isSynced]).toEqual([3, false]);
  });

  it('is not undone by a late copy of a snapshot', () => {
    const { state, log, position } = serverAt(1);
    const [early, later] = [snapshotUpTo(1), snapshotUpTo(3)];
    state.append(position, 0, [put(1, 1)], true);
    state.append(position, 1, [put(1, 2)], false);
    state.install(position, early);
    expect([log.last, log.generation]).toEqual([2, 0]);
    state.install(position, later);
    expect([log.last, log.applied]).toEqual([3, 3]);
  });

  it('of an earlier primary goes with a snapshot, if the log is not in step yet', () => {
    const { state, log, position } = serverAt(1);
    for (const seq of [1, 2, 3]) log.push(put(1, seq));
    state.install(position, snapshotUpTo(2));
    expect([log.last, log.applied, position.isSynced]).toEqual([2, 2, true]);
  });

  it('with an absurd timestamp is refused', () => {
    const { state, log, position } = serverAt(1);
    const one = entry(1, request(1, 'put', { value: 'a' }), 2 ** 50);
    expect(() => state.append(position, 0, [one], false)).toThrow(/too far|clock/i);
    expect(log.last).toBe(0);
  });
});

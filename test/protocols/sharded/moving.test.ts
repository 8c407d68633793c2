// What a primary gives, takes and drops in a move.
import { describe, expect, it } from 'vitest';
import type { Configuration } from '../../../src/protocols/sharded/configuration.ts';
import type { GroupLog } from '../../../src/protocols/sharded/log.ts';
import {
  givingsOf,
  openingOf,
  straysOf,
  takeGiven,
} from '../../../src/protocols/sharded/moving.ts';
import { ShardedState } from '../../../src/protocols/sharded/state.ts';
import { piecesOf } from '../../../src/protocols/sharded/wire.ts';
import { configuration, entry, group, lifeOf, piece, put, request, settings } from './builders.ts';

/** Group 1 gives slots 2 and 3 to group 2. */
const MOVING = configuration(5, [group(1, [0]), group(2, [1])], {
  move: { id: 5, owners: [1, 1, 2, 2] },
});
const SWITCHED: Configuration = { ...MOVING, number: 6, move: null, owners: [1, 1, 2, 2] };

function serverAt(id: number, ...configurations: readonly Configuration[]): ShardedState {
  const state = new ShardedState(lifeOf(id), settings());
  for (const one of configurations) {
    expect(state.adopt(one)).toBe(true);
    state.kept(one.number);
  }
  return state;
}

function logOf({ log }: ShardedState): GroupLog {
  if (log === undefined) throw new Error('no log');
  return log;
}

function given(slot: number, move = 5) {
  return { move, from: 1, isLast: true, pieces: [piece(slot)] };
}

describe('a move', () => {
  it('has the primary that owns the slots give them to the other primary', () => {
    const givings = [{ move: 5, to: 2, primary: 1, slots: [2, 3] }];
    expect(givingsOf(serverAt(0, MOVING))).toEqual(givings);
    expect(givingsOf(serverAt(1, MOVING))).toEqual([]);
    expect(givingsOf(serverAt(0, MOVING, SWITCHED))).toEqual([]);
  });

  it('freezes its slots at both, and no others', () => {
    const [giver, getter] = [serverAt(0, MOVING), serverAt(1, MOVING)];
    const ask = (state: ShardedState, key: string) => () => {
      const accepted = state.accept(request(1, 'put', { key, value: 'v' }));
      return accepted === 'frozen' ? accepted : 'accepted';
    };
    expect([ask(giver, '0')(), ask(giver, '2')()]).toEqual(['accepted', 'frozen']);
    expect(ask(getter, '2')).toThrow('configuration 5');
    giver.adopt(SWITCHED);
    getter.adopt(SWITCHED);
    expect(ask(giver, '2')).toThrow('configuration 6');
    expect(ask(getter, '2')()).toBe('accepted');
  });

  it('brings the slots that it moves, from the group that has them, once', () => {
    const state = serverAt(1, MOVING);
    expect(takeGiven(state, given(2))).toMatchObject({ kind: 'install', epoch: 1, move: 5 });
    expect(() => takeGiven(state, given(0))).toThrow('shards of another group');
    expect(() => takeGiven(state, { ...given(2), from: 3 })).toThrow('shards of another group');
    expect(() => takeGiven(state, given(2, 4))).toThrow('no move 4');
    expect(() => takeGiven(serverAt(1, MOVING, SWITCHED), given(2))).toThrow('no move 5');
    logOf(state).push({ kind: 'install', epoch: 1, ...given(2) });
    expect(takeGiven(state, given(2))).toBeUndefined();
  });

  it('makes later writes of a key later than its deletion, which left nothing', () => {
    const giver = serverAt(0, MOVING);
    logOf(giver).push(put(1, 1, 'v', '2'));
    logOf(giver).push(entry(1, request(2, 'delete', { key: '2' }), 40));
    // The session has confirmed its deletion, so that no reply has its version.
    logOf(giver).push(entry(1, request(3, 'popLeft', { key: '2', ended: 2 }), 41));
    logOf(giver).apply(3);
    const pieces = piecesOf(2, logOf(giver).shards.shard(2));
    const state = serverAt(1, MOVING);
    const install = takeGiven(state, { move: 5, from: 1, isLast: true, pieces });
    if (install === undefined) throw new Error('nothing given');
    logOf(state).push(install);
    state.adopt(SWITCHED);
    const accepted = state.accept(request(4, 'put', { key: '2', value: 'w' }));
    expect(accepted).toMatchObject({ entry: { version: { timestamp: 42 } } });
    // So too at a server that has all that from the new owner.
    logOf(state).apply(1);
    const other = serverAt(3, configuration(6, [group(2, [1, 3])], { owners: [2, 2, 2, 2] }));
    other.take(logOf(other), logOf(state).snapshot());
    expect(other.clock.time).toBe(41);
  });
});

describe('a group drops', () => {
  it('what another group owns, once', () => {
    const state = serverAt(0, MOVING);
    logOf(state).push(put(1, 1, 'v', '2'));
    logOf(state).push(put(1, 2, 'v', '0'));
    logOf(state).apply(2);
    expect(straysOf(state)).toEqual([]);
    state.adopt(SWITCHED);
    expect(straysOf(state)).toEqual([2]);
    logOf(state).push({ kind: 'drop', epoch: 1, slots: [2] });
    expect(straysOf(state)).toEqual([]);
    logOf(state).apply(3);
    expect([straysOf(state), logOf(state).shards.slots]).toEqual([[], [0]]);
  });

  it('what begins anew in it, before it says so', () => {
    const lost = { owners: [1, 1, null, null] };
    const filling = { ...MOVING, ...lost, number: 7, move: { id: 7, owners: [1, 1, 2, 2] } };
    const state = serverAt(1, MOVING);
    logOf(state).push({ kind: 'install', epoch: 1, ...given(2) });
    expect(openingOf(state)).toBeUndefined();
    state.adopt(filling);
    expect(openingOf(state)).toBeUndefined();
    state.kept(7);
    expect(openingOf(state)).toBeUndefined();
    logOf(state).apply(1);
    expect([openingOf(state), straysOf(state)]).toEqual([undefined, [2]]);
    logOf(state).push({ kind: 'drop', epoch: 1, slots: [2] });
    expect(openingOf(state)).toBeUndefined();
    logOf(state).apply(2);
    expect([openingOf(state), straysOf(state)]).toEqual([7, []]);
    expect(openingOf(serverAt(0, filling))).toBeUndefined();
  });

  it('what a move has brought that was undone, and not what one is bringing', () => {
    const state = serverAt(1, MOVING);
    logOf(state).push({ kind: 'install', epoch: 1, ...given(2) });
    logOf(state).apply(1);
    expect(straysOf(state)).toEqual([]);
    state.adopt({ ...MOVING, number: 6, move: null });
    expect(straysOf(state)).toEqual([2]);
  });
});

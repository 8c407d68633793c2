// The growth of a ring: its steps at the service, the lists of each step, and what a server does
// when it takes one over.
import { describe, expect, it } from 'vitest';
import { CausalContext } from '../../../src/clocks/causalContext.ts';
import { CallError } from '../../../src/kernel/errors.ts';
import type { Life } from '../../../src/kernel/ids.ts';
import { QuorumRing, type RingSpec } from '../../../src/protocols/quorum/ring.ts';
import { type Joining, Roster } from '../../../src/protocols/quorum/roster.ts';
import { QuorumState } from '../../../src/protocols/quorum/state.ts';
import { put, settings } from './writes.ts';

const SETTINGS = { partitioner: 'hash', n: 3, vnodes: 4, versions: 'lww' } as const;
const HERE: Joining = { ring: null, floor: 0, isNeeded: false };
const life = (id: number, incarnation = 1): Life => ({ id, incarnation });

/** A service whose ring has the servers 0 to 3. */
function createRoster(generation = 0): Roster {
  const roster = new Roster(SETTINGS, [], generation);
  for (const id of [0, 1, 2, 3]) roster.join(life(id), HERE);
  roster.join(life(0), { ...HERE, isNeeded: true });
  return roster;
}

const FOUR: RingSpec = {
  ...{ number: 1, ...SETTINGS },
  members: [0, 1, 2, 3].map((id): [number, number] => [id, 1]),
};
const COPYING: RingSpec = { ...FOUR, number: 2, newcomer: { life: [9, 1], hasCopied: false } };
const COPIED: RingSpec = { ...FOUR, number: 3, newcomer: { life: [9, 1], hasCopied: true } };
const FIVE: RingSpec = { ...FOUR, number: 4, members: [...FOUR.members, [9, 1]] };

const KEYS = Array.from({ length: 400 }, (_, index) => `k${index}`);
const before = new QuorumRing(FOUR);
const after = new QuorumRing(FIVE);
/** Keys that come to belong to server 9. */
const MOVED = KEYS.filter((key) => after.replicasOf(key).includes(9));

describe('the service', () => {
  it('makes a server that joins later the newcomer, and a member when it has copied twice', () => {
    const roster = createRoster();
    expect(roster.ring).toEqual(FOUR);
    expect(roster.join(life(9), HERE).ring).toEqual(COPYING);
    roster.advance(life(9), 2);
    expect(roster.ring).toEqual(COPIED);
    roster.advance(life(9), 3);
    expect(roster.ring).toEqual(FIVE);
  });

  it('takes no step for another ring, another server, or an earlier life', () => {
    const roster = createRoster();
    roster.join(life(9), HERE);
    roster.advance(life(9), 1);
    roster.advance(life(0), 2);
    roster.join(life(9, 2), HERE);
    roster.advance(life(9, 1), 2);
    expect(roster.ring).toEqual(COPYING);
    roster.advance(life(9, 2), 2);
    expect(roster.ring?.newcomer?.hasCopied).toBe(true);
  });

  it('has one newcomer at a time', () => {
    const roster = createRoster();
    roster.join(life(9), HERE);
    expect(roster.join(life(8), HERE).ring).toEqual(COPYING);
    roster.advance(life(9), 2);
    roster.advance(life(9), 3);
    expect(roster.join(life(8), HERE).ring?.newcomer?.life).toEqual([8, 1]);
  });

  it('gives up a newcomer that dies before it has copied, and not one that has', () => {
    const early = createRoster();
    early.join(life(9), HERE);
    early.ended(life(9));
    expect(early.ring).toEqual({ ...FOUR, number: 3 });
    const late = createRoster();
    late.join(life(9), HERE);
    late.advance(life(9), 2);
    late.ended(life(9));
    expect(late.ring).toEqual(COPIED);
  });

  it('does not give up for an end that it hears after the next life has joined', () => {
    const roster = createRoster();
    roster.join(life(9), HERE);
    roster.join(life(9, 2), HERE);
    roster.ended(life(9));
    expect(roster.ring).toEqual(COPYING);
  });

  it('goes on with a growth that a log has, and gives it up for another newcomer', () => {
    const roster = new Roster(SETTINGS, [0, 1, 2, 3, 9], 1);
    roster.join(life(0, 5), { ...HERE, ring: COPYING });
    expect(roster.ring).toEqual(COPYING);
    const { ring } = roster.join(life(8, 5), HERE);
    expect(ring?.newcomer?.life).toEqual([8, 5]);
    expect(ring?.number).toBeGreaterThan(1_000_000);
  });

  it('never gives two rings one number, in later runs neither', () => {
    const numbers = new Set<number>();
    for (const generation of [0, 1, 2]) {
      const roster = createRoster(generation);
      numbers.add(roster.ring?.number ?? 0);
      numbers.add(roster.join(life(9), HERE).ring?.number ?? 0);
    }
    expect(numbers.size).toBe(6);
  });

  it('lets no tombstone be collected while the ring grows', () => {
    const roster = createRoster();
    const lives = [0, 1, 2, 3].map((id): [number, number] => [id, 1]);
    expect(roster.forget(5, lives)).toBe(true);
    roster.join(life(9), HERE);
    expect(roster.forget(6, lives)).toBe(false);
    roster.advance(life(9), 2);
    roster.advance(life(9), 3);
    expect(roster.forget(6, lives)).toBe(false);
    expect(roster.forget(6, [...lives, [9, 1]])).toBe(true);
  });

  it.each(['byteOrdered', 'tokens'] as const)(
    'refuses growth with partitioner=%s',
    (partitioner) => {
      const tokens = partitioner === 'tokens' && { tokens: { q: 2, owners: [0, 1] } };
      const roster = new Roster({ ...SETTINGS, partitioner, ...tokens }, [], 0);
      roster.join(life(0), HERE);
      roster.join(life(1), { ...HERE, isNeeded: true });
      const { ring } = roster;
      roster.join(life(9), HERE);
      expect(roster.ring).toEqual(ring);
      expect(roster.isNewStranger(9)).toBe(true);
    },
  );
});

describe('the lists of a growing ring', () => {
  const copying = new QuorumRing(COPYING);
  const copied = new QuorumRing(COPIED);

  it('are the old ones for reads, and the new ones when the newcomer has copied', () => {
    for (const key of KEYS) {
      expect(copying.replicasOf(key)).toEqual(before.replicasOf(key));
      expect(copied.replicasOf(key)).toEqual(after.replicasOf(key));
    }
    expect(copying.members).toEqual([0, 1, 2, 3]);
    expect(copied.members).toEqual([0, 1, 2, 3, 9]);
  });

  it('are both for writes, where the newcomer is in the new one', () => {
    expect(MOVED.length).toBeGreaterThan(20);
    for (const key of KEYS) {
      const both = [before.replicasOf(key), after.replicasOf(key)];
      const expected = MOVED.includes(key) ? both : both.slice(0, 1);
      expect(copying.writeListsOf(key)).toEqual(expected);
      expect(copied.writeListsOf(key)).toEqual(expected);
    }
  });

  it('lead the newcomer to all replicas of the ranges that it takes over', () => {
    const sources = new Set(MOVED.flatMap((key) => before.replicasOf(key)));
    expect(copying.neighboursOf(9)).toEqual([...sources].sort());
    const big = { ...COPYING, vnodes: 1, n: 1 };
    const single = new QuorumRing(big);
    const own = KEYS.filter((key) => single.writeListsOf(key).length > 1);
    const source = new Set(own.flatMap((key) => single.replicasOf(key)));
    expect(single.neighboursOf(9)).toEqual([...source]);
    expect(source.size).toBe(1);
  });

  it('take ranges from old members only: no other member gets more', () => {
    for (const key of KEYS) {
      const gained = after.replicasOf(key).filter((id) => !before.replicasOf(key).includes(id));
      expect(gained.filter((id) => id !== 9)).toEqual([]);
    }
  });
});

function createState(id: number, spec: RingSpec, given: Record<string, string> = {}): QuorumState {
  const chosen = settings({ partitioner: 'hash', vnodes: '4', ...given });
  const state = new QuorumState(life(id), chosen);
  state.adopt(spec, state.isCompleteOn(spec));
  for (const other of [0, 1, 2, 3, 9]) if (other !== id) state.liveness.connected(other);
  return state;
}

/** A key that server 9 takes over, and the server that loses it. */
const [key = ''] = MOVED;
const loser = before.replicasOf(key).find((id) => !after.replicasOf(key).includes(id)) ?? -1;

describe('a hint while the ring grows', () => {
  const hinted = (state: QuorumState): number[] =>
    state.hints.owners.filter((owner) => state.hints.find(owner, key).length > 0);

  it.each([COPYING, COPIED])(
    'is for the newcomer too, which may have copied from its owner already',
    (spec) => {
      const holder = createState(3, FOUR);
      holder.keepHint({ owner: loser, write: put(key, 1) });
      expect(hinted(holder)).toEqual([loser]);
      holder.adopt(spec, true);
      expect(hinted(holder)).toEqual([loser, 9]);
      const later = createState(3, spec);
      later.keepHint({ owner: loser, write: put(key, 1) });
      expect(hinted(later)).toEqual([loser, 9]);
    },
  );

  it('is not for the newcomer if the key does not come to belong to it', () => {
    const other = KEYS.find((name) => !MOVED.includes(name)) ?? '';
    const [owner = -1] = before.replicasOf(other);
    const holder = createState(3, COPIED);
    holder.keepHint({ owner, write: put(other, 1) });
    expect(holder.hints.owners).toEqual([owner]);
  });

  it('is left for the newcomer when its owner has it, and the growth has ended', () => {
    const holder = createState(3, COPIED);
    holder.keepHint({ owner: loser, write: put(key, 1) });
    holder.hints.remove(loser, key, () => true);
    holder.adopt(FIVE, true);
    expect(hinted(holder)).toEqual([9]);
  });
});

describe('a server that takes a step over', () => {
  it('keeps its copies until the newcomer is a member, then drops those of others', () => {
    const state = createState(loser, FOUR);
    state.keep(put(key, 1), false);
    for (const spec of [COPYING, COPIED]) {
      state.adopt(spec, true);
      expect(state.store.has(put(key, 1))).toBe(true);
    }
    state.adopt(FIVE, true);
    expect(state.store.size).toBe(0);
  });

  it('keeps hints for a server that lost the key for those that have it', () => {
    const state = createState(0, FOUR);
    state.keepHint({ owner: loser, write: put(key, 1) });
    state.adopt(COPYING, true);
    expect(state.hints.owners).toEqual([loser, 9]);
    state.adopt(FIVE, true);
    expect(state.hints.owners).toEqual([...after.replicasOf(key)].sort());
    state.keepHint({ owner: loser, write: put(key, 2) });
    expect(state.hints.owners).not.toContain(loser);
  });

  it('is complete if it was, and the newcomer is not in either step', () => {
    const member = createState(1, FOUR);
    expect(member.isCompleteOn(COPYING)).toBe(true);
    const newcomer = createState(9, COPYING);
    expect([newcomer.isNewcomer, newcomer.isComplete]).toEqual([true, false]);
    expect(() => newcomer.read(key)).toThrow('has not copied');
    newcomer.completed();
    expect(newcomer.isCompleteOn(COPIED)).toBe(false);
    expect(newcomer.isCompleteOn(FIVE)).toBe(true);
    const back = new QuorumState(life(9, 2), settings({ partitioner: 'hash' }));
    expect(back.isCompleteOn(FIVE)).toBe(false);
  });

  it('refuses a request for another step', () => {
    const state = createState(1, COPYING);
    expect(() => state.checkRing(1)).toThrow('another ring');
    expect(() => state.checkRing(3)).toThrow('another ring');
    state.checkRing(2);
  });

  it('writes at the level in both lists, and refuses if one cannot reach it', () => {
    const state = createState(0, COPYING);
    const order = { key, value: 'v', known: CausalContext.EMPTY };
    const pending = state.beginWrite(order, 'quorum');
    expect(pending.lists).toEqual([before.replicasOf(key), after.replicasOf(key)]);
    expect(pending.called.map(({ server }) => server)).toContain(9);
    state.liveness.disconnected(9);
    expect(() => state.beginWrite(order, 'all')).toThrow('2 of 3');
  });

  it('moves a write that the former ring began', () => {
    const state = createState(0, FOUR);
    const pending = state.beginWrite({ key, value: 'v', known: CausalContext.EMPTY }, 'quorum');
    state.adopt(COPYING, true);
    const moved = state.moveWrite(pending, { server: loser, owner: loser });
    expect(moved.map(({ server }) => server).sort()).toEqual([loser, 9].sort());
    expect(pending.unconfirmed).toContain(9);
  });
});

describe('a sloppy request while the ring grows', () => {
  const [writer = -1, dead = -1] = before.replicasOf(key);
  const others = [0, 1, 2, 3].filter((id) => !before.replicasOf(key).includes(id));

  function createSloppy(...gone: readonly number[]): QuorumState {
    const state = createState(writer, COPYING, { quorum: 'sloppy' });
    for (const id of gone) state.liveness.disconnected(id);
    return state;
  }

  function codeOf(action: () => unknown): string {
    try {
      action();
      return 'done';
    } catch (error) {
      return error instanceof CallError ? error.code : String(error);
    }
  }

  it('does not count the newcomer in the old list', () => {
    // The old list has a dead server, and no other member is left that could stand in.
    const state = createSloppy(dead, ...others);
    const put = { key, value: 'v', known: CausalContext.EMPTY };
    expect(codeOf(() => state.beginWrite(put, 'all'))).toBe('ERR_UNAVAILABLE');
    expect(codeOf(() => state.beginRead(key, 'all'))).toBe('ERR_UNAVAILABLE');
    expect(codeOf(() => state.beginWrite(put, 'quorum'))).toBe('done');
    // With a stand-in both are met.
    expect(codeOf(() => createSloppy(dead).beginWrite(put, 'all'))).toBe('done');
  });

  it('asks those once more that it suspects before it is refused', () => {
    const state = createSloppy(...others);
    state.liveness.failed(dead);
    expect(state.doubtful('write', key, 'all')).toEqual([dead]);
    expect(state.doubtful('read', key, 'all')).toEqual([dead]);
    expect(state.doubtful('read', key, 'quorum')).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { type Joining, Roster } from '../../../src/protocols/quorum/roster.ts';
import { ORDERED } from './writes.ts';

const SETTINGS = { partitioner: 'hash', n: 3, vnodes: 16, versions: 'lww' } as const;
const HERE: Joining = { ring: null, floor: 0, isNeeded: false };
const NEEDED: Joining = { ...HERE, isNeeded: true };

function join(roster: Roster, ids: readonly number[], incarnation = 1): void {
  for (const id of ids) roster.join({ id, incarnation }, HERE);
}

describe('the ring', () => {
  it('is fixed when it is needed first: by all servers that have joined', () => {
    const roster = new Roster(SETTINGS, [], 0);
    join(roster, [2, 0, 1]);
    expect(roster.ring).toBe(undefined);
    const { ring } = roster.join({ id: 0, incarnation: 1 }, NEEDED);
    expect(ring).toEqual({
      ...{ number: 1, ...SETTINGS },
      members: [
        [0, 1],
        [1, 1],
        [2, 1],
      ],
    });
    expect(roster.join({ id: 2, incarnation: 2 }, NEEDED).ring).toEqual(ring);
  });

  it('has the latest life of each server', () => {
    const roster = new Roster(SETTINGS, [], 0);
    join(roster, [0, 1], 2);
    join(roster, [0], 1);
    expect(roster.join({ id: 1, incarnation: 3 }, NEEDED).ring?.members).toEqual([
      [0, 2],
      [1, 3],
    ]);
  });

  it('has a greater number in each later run', () => {
    const roster = new Roster(SETTINGS, [], 4);
    expect(roster.join({ id: 0, incarnation: 9 }, NEEDED).ring?.number).toBe(4_000_001);
  });

  it('has no place for a server that joins later, if it cannot grow, which is told once', () => {
    const roster = new Roster({ ...SETTINGS, partitioner: 'byteOrdered' }, [], 0);
    join(roster, [0, 1]);
    expect(roster.isNewStranger(0)).toBe(false);
    roster.join({ id: 0, incarnation: 1 }, NEEDED);
    join(roster, [2]);
    expect(roster.isNewStranger(2)).toBe(true);
    join(roster, [2], 2);
    expect(roster.isNewStranger(2)).toBe(false);
    join(roster, [1], 2);
    expect(roster.isNewStranger(1)).toBe(false);
  });
});

describe('a ring of tokens', () => {
  const settings = {
    ...SETTINGS,
    partitioner: 'tokens',
    tokens: { q: 2, owners: [3, 0, 3] },
  } as const;

  it('has the owners of the tokens as members, also one that has not joined', () => {
    const roster = new Roster(settings, [], 0);
    join(roster, [0, 1]);
    const { ring } = roster.join({ id: 0, incarnation: 1 }, NEEDED);
    expect(ring).toMatchObject({
      tokens: { q: 2, owners: [3, 0, 3] },
      members: [
        [0, 1],
        [3, 0],
      ],
    });
    expect(roster.isNewStranger(1)).toBe(true);
    expect(roster.isNewStranger(3)).toBe(false);
  });

  it('is another one than a ring of an earlier run with other owners', () => {
    const roster = new Roster(settings, [0], 1);
    const kept = { number: 1, ...settings, tokens: { q: 2, owners: [0, 3, 3] }, members: [] };
    roster.join({ id: 0, incarnation: 5 }, { ...HERE, ring: kept });
    expect(roster.hasOtherSettings()).toBe(true);
    expect(roster.hasOtherSettings()).toBe(false);
  });

  it('forgets no tombstone before every owner has joined', () => {
    const roster = new Roster(settings, [], 0);
    roster.join({ id: 0, incarnation: 1 }, NEEDED);
    expect(
      roster.forget(5, [
        [0, 1],
        [3, 0],
      ]),
    ).toBe(false);
    join(roster, [3]);
    expect(
      roster.forget(5, [
        [0, 1],
        [3, 1],
      ]),
    ).toBe(true);
  });
});

describe('a later run on the same data', () => {
  it('keeps the ring that a log has', () => {
    const roster = new Roster(SETTINGS, [0, 1, 2, 3], 1);
    const first = roster.join({ id: 7, incarnation: 5 }, NEEDED);
    expect(first).toEqual({ ring: null, awaited: [0, 1, 2, 3], floor: 0 });
    const second = roster.join({ id: 2, incarnation: 5 }, { ...HERE, ring: ORDERED, floor: 4 });
    expect(second).toEqual({ ring: ORDERED, awaited: [], floor: 4 });
    expect(roster.join({ id: 7, incarnation: 5 }, NEEDED).ring).toEqual(ORDERED);
  });

  it('fixes one when all earlier servers have joined without any', () => {
    const roster = new Roster(SETTINGS, [0, 1], 1);
    expect(roster.join({ id: 0, incarnation: 5 }, NEEDED).awaited).toEqual([1]);
    const { ring, awaited } = roster.join({ id: 1, incarnation: 5 }, NEEDED);
    expect(awaited).toEqual([]);
    expect(ring).toMatchObject({
      number: 1_000_001,
      members: [
        [0, 5],
        [1, 5],
      ],
    });
  });

  it('goes on with the latest ring if two logs differ', () => {
    const roster = new Roster(SETTINGS, [0, 1], 3);
    const later = { ...ORDERED, number: 3 };
    roster.join({ id: 0, incarnation: 5 }, { ...HERE, ring: later });
    expect(roster.join({ id: 1, incarnation: 5 }, { ...HERE, ring: ORDERED }).ring).toEqual(later);
  });
});

describe('tombstones may be forgotten', () => {
  function withRing(): Roster {
    const roster = new Roster(SETTINGS, [], 0);
    join(roster, [0, 1]);
    roster.join({ id: 0, incarnation: 1 }, NEEDED);
    return roster;
  }

  it('if the latest lives of all members have the same data', () => {
    const roster = withRing();
    expect(roster.forget(5, [[0, 1]])).toBe(false);
    expect(roster.floor).toBe(0);
    expect(
      roster.forget(5, [
        [0, 1],
        [1, 1],
      ]),
    ).toBe(true);
    expect(roster.floor).toBe(5);
    expect(
      roster.forget(3, [
        [0, 1],
        [1, 1],
      ]),
    ).toBe(true);
    expect(roster.floor).toBe(5);
  });

  it('not if one was started again meanwhile', () => {
    const roster = withRing();
    join(roster, [1], 2);
    expect(
      roster.forget(5, [
        [0, 1],
        [1, 1],
      ]),
    ).toBe(false);
    expect(
      roster.forget(5, [
        [0, 1],
        [1, 2],
      ]),
    ).toBe(true);
    expect(roster.join({ id: 1, incarnation: 3 }, HERE).floor).toBe(5);
  });

  it('not before there is a ring', () => {
    expect(new Roster(SETTINGS, [], 0).forget(1, [])).toBe(false);
  });
});

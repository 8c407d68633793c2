import { describe, expect, it } from 'vitest';
import type { DiskReport } from '../../../src/protocols/chain/diskReport.ts';
import { Roster } from '../../../src/protocols/chain/roster.ts';

const life = (id: number, incarnation = 1) => ({ id, incarnation });

/** Servers that all have taken their positions. */
function rosterOf(...ids: number[]): Roster {
  const roster = new Roster([]);
  for (const id of ids) join(roster, id);
  return roster;
}

function join(roster: Roster, id: number, incarnation = 1): void {
  expect(roster.register(life(id, incarnation), null)).toBe(true);
  if (!roster.canJoin(id)) return;
  expect(roster.beginJoin(id)).toBe(true);
  roster.sync(id, roster.epoch);
}

/** What a disk remembers that has the configuration, and as much of each arc of its ring. */
function diskOf(roster: Roster, last = 0, committed = 0): DiskReport {
  const configuration = roster.configuration();
  const logs = configuration.chains.map(({ owner }) => ({ owner, last, committed }));
  return { configuration, logs };
}

/** The chains, by owner: `0: 0 2 4` or `0: 0 2 + 4` with a joiner. */
function chainsOf(roster: Roster): string[] {
  return roster.configuration().chains.map(({ owner, members, joiner }) => {
    return `${owner}: ${members.join(' ')}${joiner === null ? '' : ` + ${joiner}`}`;
  });
}

const FIVE = ['4: 4 1 3', '1: 1 3 0', '3: 3 0 2', '0: 0 2 4', '2: 2 4 1'];

describe('a ring that grew while a chain died out', () => {
  it('keeps the last of the chain, where it does not belong, until one who does has joined', () => {
    const roster = rosterOf(0, 1);
    const beginJoin = (id: number): void => {
      roster.register(life(id), null);
      expect(roster.beginJoin(id)).toBe(true);
    };
    // A death and a join, twice: a chain loses a member, and the ring grows.
    beginJoin(2);
    roster.end(life(1));
    roster.sync(2, roster.epoch);
    roster.end(life(2));
    join(roster, 3);
    const former = diskOf(roster);
    beginJoin(4);
    roster.end(life(3));
    roster.sync(4, roster.epoch);
    expect(chainsOf(roster)).toEqual(['4: 4', '1: 0', '3: 0', '0: 0 4', '2: ']);
    roster.register(life(3, 2), former);
    expect(chainsOf(roster)).toContain('2: 3');
    expect(roster.beginJoin(3)).toBe(true);
    roster.sync(3, roster.epoch);
    expect(chainsOf(roster)).toContain('2: 3');
    join(roster, 2, 2);
    expect(chainsOf(roster)).toContain('2: 2');
  });
});

describe('servers that join', () => {
  it('take their positions, in two epochs each except the first', () => {
    const roster = rosterOf(0, 1, 2, 3, 4);
    expect(chainsOf(roster)).toEqual(FIVE);
    expect(roster.epoch).toBe(9);
    expect(rosterOf(3, 1, 4, 0, 2).configuration().chains).toEqual(roster.configuration().chains);
  });

  it('come after the tails until they are in sync in that epoch (R3)', () => {
    const roster = rosterOf(0, 1);
    roster.register(life(2), null);
    expect(roster.beginJoin(2)).toBe(true);
    expect(chainsOf(roster)).toEqual(['1: 1 0 + 2', '0: 0 1 + 2']);
    expect(roster.isWhole).toBe(false);
    roster.sync(2, roster.epoch - 1);
    roster.sync(0, roster.epoch);
    expect(roster.joiner).toBe(2);
    roster.sync(2, roster.epoch);
    expect(chainsOf(roster)).toEqual(['1: 1 0 2', '0: 0 2 1', '2: 2 1 0']);
  });

  it('join one at a time', () => {
    const roster = rosterOf(0);
    roster.register(life(1), null);
    roster.register(life(2), null);
    expect([roster.beginJoin(1), roster.beginJoin(2)]).toEqual([true, false]);
  });

  it('are whole when all of them have said that they are in sync', () => {
    const roster = rosterOf(0, 1);
    roster.sync(0, roster.epoch);
    expect(roster.isWhole).toBe(false);
    roster.sync(1, roster.epoch);
    expect(roster.isWhole).toBe(true);
  });
});

describe('a death', () => {
  it.each([
    [0, ['4: 4 1 3', '1: 1 3', '3: 3 2', '0: 2 4', '2: 2 4 1']],
    [1, ['4: 4 3', '1: 3 0', '3: 3 0 2', '0: 0 2 4', '2: 2 4']],
  ])('of %i leaves the others in order', (id, chains) => {
    const roster = rosterOf(0, 1, 2, 3, 4);
    roster.end(life(id));
    expect(chainsOf(roster)).toEqual(chains);
    expect(roster.epoch).toBe(10);
  });

  it('is noticed once, and too late it changes nothing', () => {
    const roster = rosterOf(0, 1, 2);
    roster.end(life(1));
    const { epoch } = roster;
    roster.end(life(1));
    expect(roster.register(life(1), null)).toBe(false);
    expect(roster.epoch).toBe(epoch);
    join(roster, 1, 2);
    roster.end(life(1));
    expect(roster.isInService(life(1, 2))).toBe(true);
  });

  it('is what the next life of an id means for the former', () => {
    const roster = rosterOf(0, 1, 2);
    expect(roster.register(life(1, 2), null)).toBe(true);
    expect(roster.isInService(life(1))).toBe(false);
    expect(roster.serving).toEqual([0, 2]);
  });

  it('of the joiner ends the join', () => {
    const roster = rosterOf(0, 1);
    roster.register(life(2), null);
    roster.beginJoin(2);
    roster.end(life(2));
    expect(roster.joiner).toBeUndefined();
    expect(roster.configuration().lives).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });
});

describe('a chain that has died out (R2)', () => {
  it('waits for those who were in it last, and their disk', () => {
    const roster = rosterOf(0, 1, 2, 3, 4);
    const before = diskOf(roster);
    for (const id of [0, 4, 2]) roster.end(life(id));
    expect(chainsOf(roster)[3]).toBe('0: ');
    join(roster, 4, 2);
    join(roster, 2, 2);
    expect(chainsOf(roster)[3]).toBe('0: ');
    roster.end(life(2, 2));
    roster.register(life(0, 2), before);
    expect(chainsOf(roster)[3]).toBe('0: ');
    roster.register(life(2, 3), before);
    expect(chainsOf(roster)[3]).toBe('0: 2');
    expect(roster.canJoin(2)).toBe(true);
  });

  it('is not brought back by a disk that was begun anew since', () => {
    const roster = rosterOf(0);
    const before = diskOf(roster);
    roster.end(life(0));
    roster.register(life(0, 2), null);
    const anew = { configuration: roster.configuration(), logs: [] };
    roster.register(life(0, 3), anew);
    expect(roster.serving).toEqual([]);
    roster.register(life(0, 4), before);
    expect(roster.serving).toEqual([0]);
  });

  it('is what those wait for who can join nothing else', () => {
    const roster = rosterOf(0, 1, 2);
    for (const id of [0, 2, 1]) roster.end(life(id));
    roster.register(life(0, 2), null);
    expect(roster.awaitedBy(0)).toEqual([1]);
    const before = diskOf(roster);
    roster.register(life(1, 2), before);
    expect([roster.serving, roster.awaitedBy(0)]).toEqual([[1], []]);
  });

  it('keeps the ring as it is', () => {
    const roster = rosterOf(0, 1, 2, 3, 4);
    for (const id of [0, 4, 2]) roster.end(life(id));
    roster.register(life(5), null);
    expect(roster.beginJoin(5)).toBe(false);
  });
});

describe('living servers that are left out', () => {
  it('are removed from every chain that has another member (R4)', () => {
    const roster = rosterOf(0, 1, 2, 3, 4);
    expect(roster.leaveOut([1])).toEqual([1]);
    expect(roster.serving).toEqual([0, 2, 3, 4]);
    expect(roster.canJoin(1)).toBe(true);
    const alone = rosterOf(7);
    expect([alone.leaveOut([7]), alone.epoch]).toEqual([[], 1]);
  });

  it('stay where they are the last', () => {
    const roster = rosterOf(0, 1, 2, 3, 4);
    roster.leaveOut([0, 2, 4]);
    expect(chainsOf(roster)[3]).toBe('0: 4');
    expect(roster.serving).toEqual([1, 3, 4]);
  });
});

describe('a new run on old disks', () => {
  it('begins when all of the ring have spoken, with the latest that any remembers', () => {
    const old = rosterOf(0, 1, 2);
    const first = diskOf(old);
    old.end(life(2));
    const later = diskOf(old);
    const roster = new Roster([0, 1, 2]);
    roster.register(life(0, 5), first);
    roster.register(life(2, 5), first);
    expect([roster.epoch, roster.serving, roster.canJoin(2)]).toEqual([0, [], false]);
    expect(roster.awaitedBy(0)).toEqual([1]);
    roster.register(life(1, 5), later);
    expect(roster.epoch).toBe(later.configuration.epoch + 1);
    expect(roster.serving).toEqual([1]);
    expect([roster.canJoin(0), roster.canJoin(2)]).toEqual([true, true]);
  });

  it('waits for all that were there, in any order, with a disk or without', () => {
    const before = diskOf(rosterOf(0, 1, 2));
    const roster = new Roster([0, 1, 2]);
    for (const id of [7, 0]) roster.register(life(id, 5), null);
    expect([roster.epoch, roster.awaitedBy(1)]).toEqual([0, [1, 2]]);
    for (const id of [1, 2]) roster.register(life(id, 5), before);
    expect([roster.serving, roster.canJoin(0), roster.canJoin(7)]).toEqual([[1, 2], true, true]);
  });

  it('waits for those of the ring whose disks are gone, because others remember them', () => {
    const before = diskOf(rosterOf(0, 1, 2));
    const roster = new Roster([1, 2]);
    for (const id of [1, 2]) roster.register(life(id, 5), before);
    expect([roster.epoch, roster.awaitedBy(1)]).toEqual([0, [0]]);
    roster.register(life(0, 5), null);
    expect(roster.serving).toEqual([1, 2]);
  });

  it('begins with nothing when all have spoken and none remembers a configuration', () => {
    const roster = new Roster([0, 1]);
    roster.register(life(0, 5), null);
    expect(roster.epoch).toBe(0);
    roster.register(life(1, 5), null);
    expect([roster.epoch, roster.serving, roster.canJoin(0)]).toEqual([1, [1], true]);
  });

  it('goes on without one whose disk lacks what others know to be acknowledged', () => {
    const old = rosterOf(0, 1, 2);
    const roster = new Roster([0, 1, 2]);
    roster.register(life(1, 5), diskOf(old, 4, 4));
    for (const id of [0, 2]) roster.register(life(id, 5), diskOf(old, 5, 5));
    expect(roster.serving).toEqual([0, 2]);
    expect(roster.incomplete).toEqual([1]);
    expect(roster.canJoin(1)).toBe(true);
  });

  it('lets those join again to whom not all had come, without a word', () => {
    const old = rosterOf(0, 1);
    const [head, tail] = old.configuration().chains[0]?.members ?? [];
    const roster = new Roster([0, 1]);
    roster.register(life(head as number, 5), diskOf(old, 9, 6));
    roster.register(life(tail as number, 5), diskOf(old, 6, 2));
    expect(chainsOf(roster)[0]).toBe(`${head}: ${head}`);
    expect(roster.incomplete).toEqual([]);
  });

  it('refuses the keys of a chain if no member has what a disk knows as acknowledged', () => {
    const old = rosterOf(0, 1);
    const before = diskOf(old, 5, 5);
    old.end(life(1));
    const roster = new Roster([0, 1]);
    roster.register(life(0, 5), diskOf(old, 4, 4));
    roster.register(life(1, 5), before);
    expect(roster.serving).toEqual([]);
    expect([roster.incomplete, roster.refused]).toEqual([[0], [1, 0]]);
  });

  it('compares with the larger arc that a disk remembers from before the ring grew', () => {
    const old = rosterOf(0, 1);
    const before = diskOf(old, 8, 8);
    old.register(life(2), null);
    old.beginJoin(2);
    old.sync(2, old.epoch);
    const roster = new Roster([0, 1, 2]);
    roster.register(life(0, 5), before);
    for (const id of [1, 2]) roster.register(life(id, 5), diskOf(old, 7, 7));
    expect([roster.serving, roster.refused.length]).toEqual([[], 3]);
  });

  it('does not go on from a copy that is longer, and of an earlier configuration', () => {
    const old = rosterOf(0, 1, 2);
    const copy = diskOf(old, 9, 3);
    old.end(life(2));
    const roster = new Roster([0, 1, 2]);
    roster.register(life(0, 5), copy);
    for (const id of [1, 2]) roster.register(life(id, 5), diskOf(old, 5, 3));
    expect([roster.serving, roster.canJoin(0)]).toEqual([[1], true]);
  });

  it('has numbers after those of earlier runs whose disks are away', () => {
    const away = rosterOf(0);
    for (const incarnation of [2, 3, 4]) away.register(life(0, incarnation), diskOf(away));
    const between = new Roster([], 1);
    between.register(life(1, 5), null);
    expect(between.epoch).toBeGreaterThan(away.epoch);
    const roster = new Roster([0, 1], 2);
    roster.register(life(0, 9), diskOf(away, 8, 8));
    roster.register(life(1, 9), diskOf(between, 9, 9));
    expect([roster.serving, roster.canJoin(0)]).toEqual([[1], true]);
  });
});

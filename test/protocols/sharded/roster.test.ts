// The shard master's decisions. A picture of the groups is `1: 0 2 +3 | 2: 1`, with the primary
// first, joiners after +, and members that are dead or wait in brackets.
import { describe, expect, it } from 'vitest';
import type { DiskReport } from '../../../src/protocols/sharded/messages.ts';
import { Roster } from '../../../src/protocols/sharded/roster.ts';
import { lifeOf, settings } from './builders.ts';

/** Servers that live; none has a place yet. */
function rosterOf(ids: readonly number[], options: Record<string, string> = {}): Roster {
  const roster = new Roster(settings(options), []);
  for (const id of ids) expect(roster.register(lifeOf(id), null)).toBe(true);
  return roster;
}

/** Every pair of the move has given all, and the joiners have everything. */
function finish(roster: Roster): void {
  const { move } = roster.shards;
  for (const pair of roster.shards.pairs) {
    const { primary, epoch } = roster.groups.find(pair[0]) ?? { primary: null, epoch: 0 };
    roster.given(lifeOf(primary ?? -1), move?.id ?? 0, pair, epoch);
  }
  for (const group of roster.shards.opening) {
    const { primary, epoch } = roster.groups.find(group) ?? { primary: null, epoch: 0 };
    roster.opened(lifeOf(primary ?? -1), move?.id ?? 0, group, epoch);
  }
  if (roster.shards.pairs.length + roster.shards.opening.length === 0) roster.switch();
  catchUp(roster);
}

function catchUp(roster: Roster): void {
  for (const { id, primary, epoch, joiners } of roster.groups.all) {
    for (const joiner of joiners) roster.sync(lifeOf(primary ?? -1), id, epoch, joiner);
  }
}

function join(roster: Roster, ...ids: number[]): void {
  for (const id of ids) {
    roster.join(id);
    finish(roster);
  }
}

function pictureOf(roster: Roster): string {
  return roster.groups.all
    .map(({ id, primary, serving, joiners, members }) => {
      const own = serving.map((life) => life.id).sort((a, b) => a - b);
      const rest = own.filter((server) => server !== primary);
      const late = joiners.map((life) => life.id);
      const others = members.filter((member) => ![...own, ...late].includes(member));
      const words = [primary ?? '-', ...rest, ...late.map((server) => `+${server}`)];
      return `${id}: ${[...words, ...others.map((server) => `(${server})`)].join(' ')}`;
    })
    .join(' | ');
}

function ownersOf(roster: Roster): string {
  return roster.shards.owners.map((owner) => owner ?? '-').join('');
}

describe('a join', () => {
  it('of the first server opens the shards; a later one moves shards first', () => {
    const roster = rosterOf([0, 1]);
    expect(roster.join(0)).toBe('moving');
    expect([pictureOf(roster), ownersOf(roster)]).toEqual(['1: 0', '----']);
    finish(roster);
    expect(ownersOf(roster)).toBe('1111');
    expect(roster.join(1)).toBe('moving');
    expect([pictureOf(roster), ownersOf(roster)]).toEqual(['1: 0 | 2: 1', '1111']);
    expect(roster.configuration().move?.owners).toEqual([1, 1, 2, 2]);
    finish(roster);
    expect([ownersOf(roster), roster.isWhole]).toEqual(['1122', true]);
  });

  it('of a server that dies before it has opened the shards leaves nothing behind', () => {
    const roster = rosterOf([0, 1]);
    roster.join(0);
    const { id = 0 } = roster.shards.move ?? {};
    roster.end(lifeOf(0));
    roster.opened(lifeOf(0), id, 1, roster.groups.find(1)?.epoch ?? 0);
    expect(roster.shards.opening).toEqual([1]);
    roster.undo();
    expect([pictureOf(roster), ownersOf(roster)]).toEqual(['', '----']);
    join(roster, 1);
    expect([pictureOf(roster), ownersOf(roster)]).toEqual(['2: 1', '2222']);
  });

  it('opens no shards by the word of an earlier move, or of another epoch', () => {
    const roster = rosterOf([0]);
    roster.join(0);
    const { id = 0 } = roster.shards.move ?? {};
    roster.opened(lifeOf(0), id - 1, 1, 1);
    roster.opened(lifeOf(0), id, 1, 0);
    roster.opened(lifeOf(0, 2), id, 1, 1);
    expect(roster.shards.opening).toEqual([1]);
  });

  it('is refused for a server that is dead, or has a place', () => {
    const roster = rosterOf([0]);
    join(roster, 0);
    const { number } = roster;
    expect(() => roster.join(0)).toThrow('belongs to a group already');
    expect(() => roster.join(1)).toThrow('no such server is alive');
    expect(roster.number).toBe(number);
  });

  it('with groups=M makes later servers secondaries of the smallest group', () => {
    const roster = rosterOf([0, 1, 2, 3, 4], { groups: '2' });
    join(roster, 0, 1, 2, 3, 4);
    expect([pictureOf(roster), ownersOf(roster)]).toEqual(['1: 0 2 4 | 2: 1 3', '1122']);
  });

  it('that cannot be done leaves no group and no shard behind', () => {
    const roster = rosterOf([0, 1]);
    join(roster, 0);
    roster.join(1);
    roster.undo();
    expect([pictureOf(roster), ownersOf(roster), roster.shards.move]).toEqual([
      '1: 0',
      '1111',
      null,
    ]);
    join(roster, 1);
    expect(pictureOf(roster)).toBe('1: 0 | 3: 1');
  });

  it('is refused while the group that would give is dead', () => {
    const roster = rosterOf([0, 1]);
    join(roster, 0);
    roster.end(lifeOf(0));
    const { number } = roster;
    expect(() => roster.join(1)).toThrow('no server of the group of server 0');
    expect([roster.number, pictureOf(roster)]).toEqual([number, '1: - (0)']);
  });
});

describe('a leave', () => {
  it('of a secondary moves nothing', () => {
    const roster = rosterOf([0, 1, 2], { groups: '2' });
    join(roster, 0, 1, 2);
    expect(roster.leave(2, false)).toBe('done');
    expect([pictureOf(roster), ownersOf(roster)]).toEqual(['1: 0 | 2: 1', '1122']);
    expect(roster.wantsToJoin(lifeOf(2))).toBe(false);
    expect(() => roster.leave(2, false)).toThrow('server 2');
  });

  it('of a primary moves its shards, and its secondaries join the smallest groups', () => {
    const roster = rosterOf([0, 1, 2, 3, 4, 5], { groups: '3' });
    join(roster, 0, 1, 2, 3, 4, 5);
    expect(pictureOf(roster)).toBe('1: 0 3 | 2: 1 4 | 3: 2 5');
    expect(roster.leave(0, false)).toBe('moving');
    expect(pictureOf(roster)).toBe('1: 0 3 | 2: 1 4 | 3: 2 5');
    const { move } = roster.shards;
    for (const pair of roster.shards.pairs) roster.given(lifeOf(0), move?.id ?? 0, pair, 1);
    for (const pair of roster.shards.pairs) {
      const { primary, epoch } = roster.groups.find(pair[0]) ?? { primary: null, epoch: 0 };
      roster.given(lifeOf(primary ?? -1), move?.id ?? 0, pair, epoch);
    }
    roster.switch();
    expect([pictureOf(roster), ownersOf(roster)]).toEqual(['2: 1 4 +3 | 3: 2 5', '2233']);
  });

  it('of the only group lets a secondary follow its primary', () => {
    const roster = rosterOf([0, 1], { groups: '1' });
    join(roster, 0, 1);
    expect(roster.leave(0, false)).toBe('done');
    expect(pictureOf(roster)).toBe('1: - 1');
    const { epoch } = roster.groups.all[0] ?? { epoch: 0 };
    expect(roster.appoint(1, epoch, [{ id: 1, lastEpoch: 1, last: 3 }])).toBe(true);
    expect([pictureOf(roster), ownersOf(roster)]).toEqual(['1: 1', '1111']);
  });

  it('of the last server is refused without force', () => {
    const roster = rosterOf([0]);
    join(roster, 0);
    expect(() => roster.leave(0, false)).toThrow('force gives them up');
    expect(roster.leave(0, true)).toBe('done');
    expect([pictureOf(roster), ownersOf(roster)]).toEqual(['', '----']);
  });

  it('of a dead server keeps the data of others, and gives up its own with force only', () => {
    const roster = rosterOf([0, 1]);
    join(roster, 0, 1);
    roster.end(lifeOf(1));
    expect(pictureOf(roster)).toBe('1: 0 | 2: - (1)');
    expect(() => roster.leave(1, false)).toThrow('force');
    expect([roster.leave(1, true), roster.hasGaps, roster.isWhole]).toEqual(['done', true, false]);
    expect([pictureOf(roster), ownersOf(roster)]).toEqual(['1: 0', '11--']);
    expect(roster.fill()).toBe('moving');
    finish(roster);
    expect([ownersOf(roster), roster.hasGaps, roster.isWhole]).toEqual(['1111', false, true]);
    expect(roster.fill()).toBe('done');
  });

  it('that is undone changes nothing', () => {
    const roster = rosterOf([0, 1]);
    join(roster, 0, 1);
    roster.leave(0, false);
    roster.undo();
    expect([pictureOf(roster), ownersOf(roster)]).toEqual(['1: 0 | 2: 1', '1122']);
    roster.switch();
    expect(ownersOf(roster)).toBe('1122');
  });
});

describe('a move', () => {
  it('is done when each pair has said so, by its primary, for this move', () => {
    const roster = rosterOf([0, 1]);
    join(roster, 0);
    roster.join(1);
    const { id } = roster.shards.move ?? { id: 0 };
    const { epoch } = roster.groups.find(1) ?? { epoch: 0 };
    expect(roster.shards.pairs).toEqual([[1, 2]]);
    roster.given(lifeOf(1), id, [1, 2], epoch);
    roster.given(lifeOf(0), id, [1, 2], epoch + 1);
    roster.given(lifeOf(0), id - 1, [1, 2], epoch);
    expect(roster.shards.pairs).toEqual([[1, 2]]);
    roster.given(lifeOf(0), id, [1, 2], epoch);
    expect(roster.shards.pairs).toEqual([]);
  });
});

describe('a life', () => {
  it('that has ended is not taken back, and a new one has to be brought up to date', () => {
    const roster = rosterOf([0, 1], { groups: '1' });
    join(roster, 0, 1);
    roster.end(lifeOf(1));
    expect(roster.register(lifeOf(1), null)).toBe(false);
    expect(roster.register(lifeOf(1, 2), null)).toBe(true);
    expect([pictureOf(roster), roster.lacksService(lifeOf(1, 2))]).toEqual(['1: 0 (1)', true]);
    expect(roster.beginJoin(lifeOf(1, 2))).toBe(true);
    expect(pictureOf(roster)).toBe('1: 0 +1');
    catchUp(roster);
    expect(pictureOf(roster)).toBe('1: 0 1');
  });

  it('that comes back is not served by what was said of it when it was here before (M1)', () => {
    const roster = rosterOf([0, 1], { groups: '1' });
    join(roster, 0, 1);
    const { epoch } = roster.configuration().groups[0] ?? { epoch: 0 };
    roster.leaveOut(1, [1]);
    expect(roster.beginJoin(lifeOf(1))).toBe(true);
    roster.sync(lifeOf(0), 1, epoch, lifeOf(1));
    expect(pictureOf(roster)).toBe('1: 0 +1');
    catchUp(roster);
    expect(pictureOf(roster)).toBe('1: 0 1');
  });

  it('that has left and joins its group again begins an epoch (M5)', () => {
    const roster = rosterOf([0, 1], { groups: '1' });
    join(roster, 0, 1);
    roster.leave(1, false);
    roster.join(1);
    const { number, groups } = roster.configuration();
    expect([pictureOf(roster), groups[0]?.epoch]).toEqual(['1: 0 +1', number]);
  });

  it('has the number of each change, and a correction for those that lag', () => {
    const roster = rosterOf([0]);
    const { number } = roster;
    join(roster, 0);
    expect(roster.number).toBeGreaterThan(number);
    expect(roster.correctionOf(roster.number)).toBeNull();
    expect(roster.correctionOf(number)).toEqual(roster.configuration());
  });
});

describe('a new run on old disks', () => {
  /** What the disks of an earlier run have. */
  function disksOf(roster: Roster, lasts: Record<number, number>): Map<number, DiskReport> {
    const configuration = roster.configuration();
    const reports = configuration.groups.flatMap(({ id, members }) =>
      members.map((server): [number, DiskReport] => {
        const last = lasts[server] ?? 0;
        return [server, { configuration, group: id, lastEpoch: 1, last, applied: 0 }];
      }),
    );
    return new Map(reports);
  }

  function earlierRun(): Roster {
    const roster = rosterOf([0, 1, 2], { groups: '2' });
    join(roster, 0, 1, 2);
    return roster;
  }

  it('begins when all have reported, with greater numbers, and the longest log first', () => {
    const earlier = earlierRun();
    const disks = disksOf(earlier, { 0: 3, 2: 4 });
    const roster = new Roster(settings({ groups: '2' }), [0, 1, 2], 1);
    for (const [id, disk] of disks) {
      expect([roster.number, roster.awaited.includes(id)]).toEqual([0, true]);
      expect(() => roster.join(id)).toThrow('no such server is alive');
      roster.register(lifeOf(id, 2), disk);
    }
    expect(roster.number).toBeGreaterThan(earlier.number);
    expect([pictureOf(roster), ownersOf(roster)]).toEqual(['1: 2 (0) | 2: 1', '1122']);
  });

  it('refuses what no disk has, until a server that served is back', () => {
    const disks = disksOf(earlierRun(), {});
    const roster = new Roster(settings({ groups: '2' }), [0, 1, 2], 1);
    roster.register(lifeOf(0, 2), disks.get(0) ?? null);
    roster.register(lifeOf(1, 2), null);
    roster.register(lifeOf(2, 2), disks.get(2) ?? null);
    expect([pictureOf(roster), roster.refused]).toEqual(['1: 0 (2) | 2: - (1)', [2]]);
    roster.end(lifeOf(1, 2));
    roster.register(lifeOf(1, 3), disks.get(1) ?? null);
    expect(pictureOf(roster)).toBe('1: 0 (2) | 2: 1');
  });

  it('undoes the move that was under way', () => {
    const earlier = rosterOf([0, 1]);
    join(earlier, 0);
    earlier.join(1);
    const roster = new Roster(settings(), [0, 1], 1);
    for (const [id, disk] of disksOf(earlier, {})) roster.register(lifeOf(id, 2), disk);
    expect([pictureOf(roster), ownersOf(roster), roster.shards.move]).toEqual([
      '1: 0',
      '1111',
      null,
    ]);
    join(roster, 1);
    expect(pictureOf(roster)).toBe('1: 0 | 3: 1');
  });
});

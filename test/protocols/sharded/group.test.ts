import { describe, expect, it } from 'vitest';
import { GroupRoll } from '../../../src/protocols/sharded/group.ts';
import { lifeOf } from './builders.ts';

/** A group in which these serve; the first is the primary. */
function groupOf(...ids: number[]): GroupRoll {
  const roll = new GroupRoll(1, 1);
  for (const [index, id] of ids.entries()) {
    if (index === 0) roll.found(lifeOf(id));
    else {
      roll.place(id);
      roll.beginJoin(lifeOf(id), 2);
      expect(roll.serve(lifeOf(id))).toBe(true);
    }
  }
  return roll;
}

function servingOf({ serving }: GroupRoll): number[] {
  return serving.map(({ id }) => id);
}

function candidate(id: number, lastEpoch: number, last: number) {
  return { id, lastEpoch, last };
}

describe('a joiner', () => {
  it('serves when the primary has counted it, once', () => {
    const roll = groupOf(0);
    expect(() => roll.beginJoin(lifeOf(1), 2)).toThrow('M1');
    roll.place(1);
    roll.beginJoin(lifeOf(1), 2);
    roll.beginJoin(lifeOf(1), 2);
    expect([roll.joiners.length, servingOf(roll)]).toEqual([1, [0]]);
    expect([roll.serve(lifeOf(1)), roll.serve(lifeOf(1)), roll.serve(lifeOf(1, 2))]).toEqual([
      true,
      false,
      false,
    ]);
    expect(servingOf(roll)).toEqual([0, 1]);
  });

  it('comes back in a new epoch when it was removed in this one (M5)', () => {
    const roll = groupOf(0, 1, 2);
    roll.remove(lifeOf(2), 7);
    roll.beginJoin(lifeOf(2), 8);
    expect([roll.primary, roll.epoch, servingOf(roll)]).toEqual([0, 8, [0, 1]]);
    roll.beginJoin(lifeOf(2), 9);
    expect(roll.epoch).toBe(8);
    roll.remove(lifeOf(2), 10);
    roll.beginJoin(lifeOf(2), 11);
    expect([roll.epoch, roll.joiners]).toEqual([11, [lifeOf(2)]]);
  });

  it('begins no epoch as a new life, or when an epoch has begun since', () => {
    const roll = groupOf(0, 1, 2);
    roll.remove(lifeOf(2), 7);
    roll.beginJoin(lifeOf(2, 2), 8);
    expect([roll.epoch, roll.serve(lifeOf(2, 2))]).toEqual([1, true]);
    roll.remove(lifeOf(0), 9);
    expect(roll.appoint([candidate(2, 1, 1)], 10)).toBe(true);
    roll.beginJoin(lifeOf(0), 11);
    roll.beginJoin(lifeOf(1), 12);
    expect([roll.epoch, roll.joiners]).toEqual([10, [lifeOf(0), lifeOf(1)]]);
  });
});

describe('the death', () => {
  it('of a secondary begins no epoch', () => {
    const roll = groupOf(0, 1);
    roll.remove(lifeOf(1), 7);
    expect([roll.primary, roll.epoch, servingOf(roll)]).toEqual([0, 1, [0]]);
  });

  it('of the primary begins an epoch without one', () => {
    const roll = groupOf(0, 1);
    roll.remove(lifeOf(0), 7);
    expect([roll.primary, roll.epoch, roll.isElecting]).toEqual([null, 7, true]);
  });

  it('of the last leaves a group that only this server can revive (M2)', () => {
    const roll = groupOf(0, 1);
    roll.remove(lifeOf(1), 7);
    roll.remove(lifeOf(0), 8);
    expect([roll.holders, roll.isElecting]).toEqual([[0], false]);
    expect(() => roll.revive(lifeOf(1, 2), 9)).toThrow('M2');
    roll.revive(lifeOf(0, 2), 9);
    expect([roll.primary, roll.epoch, roll.holders, servingOf(roll)]).toEqual([0, 9, [], [0]]);
    expect(() => roll.revive(lifeOf(0, 3), 10)).toThrow('M2');
  });
});

it('the last that serves is never removed alive (M3), nor the primary before the others', () => {
  const roll = groupOf(0, 1, 2);
  const removable = (ids: number[]): number[] => roll.removable(ids).map(({ id }) => id);
  expect(removable([0, 1])).toEqual([0, 1]);
  expect(removable([0, 1, 2])).toEqual([1, 2]);
  roll.place(3);
  roll.beginJoin(lifeOf(3), 2);
  expect(removable([0, 1, 2, 3])).toEqual([3, 1, 2]);
  roll.remove(lifeOf(0), 7);
  expect(removable([1, 2])).toEqual([2]);
});

describe('an appointment', () => {
  it.each([
    ['the latest epoch', [candidate(1, 2, 9), candidate(2, 3, 4)], 2],
    ['in it the most entries', [candidate(1, 2, 4), candidate(2, 2, 5)], 2],
    ['of equal logs the lowest id', [candidate(2, 2, 5), candidate(1, 2, 5)], 1],
  ])('goes to the log with %s', (_, candidates, primary) => {
    const roll = groupOf(0, 1, 2);
    roll.remove(lifeOf(0), 7);
    expect(roll.appoint(candidates, 8)).toBe(true);
    expect([roll.primary, roll.epoch, servingOf(roll)]).toEqual([primary, 8, [1, 2]]);
  });

  it('is for one that serves, and leaves out those that did not answer', () => {
    const roll = groupOf(0, 1, 2);
    roll.place(3);
    roll.beginJoin(lifeOf(3), 2);
    roll.remove(lifeOf(0), 7);
    expect(roll.appoint([], 8)).toBe(false);
    expect(roll.appoint([candidate(3, 9, 9)], 8)).toBe(false);
    expect(roll.appoint([candidate(3, 9, 9), candidate(2, 1, 1)], 8)).toBe(true);
    expect([roll.primary, servingOf(roll)]).toEqual([2, [2]]);
    expect(roll.appoint([candidate(2, 1, 1)], 9)).toBe(false);
  });
});

describe('a leave', () => {
  it('takes the place, and with a primary the epoch', () => {
    const roll = groupOf(0, 1, 2);
    roll.leave(1, 7);
    expect([roll.members, roll.epoch, roll.primary]).toEqual([[0, 2], 1, 0]);
    roll.leave(0, 8);
    expect([roll.members, roll.epoch, roll.primary, servingOf(roll)]).toEqual([[2], 8, null, [2]]);
  });

  it('of the last copy is known, alive or dead', () => {
    const roll = groupOf(0, 1);
    expect([roll.isLastCopy(0), roll.isLastCopy(1)]).toEqual([false, false]);
    roll.remove(lifeOf(1), 7);
    expect([roll.isLastCopy(0), roll.isLastCopy(1)]).toEqual([true, false]);
    roll.remove(lifeOf(0), 8);
    expect([roll.isLastCopy(0), roll.isLastCopy(1)]).toEqual([true, false]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type GroupId,
  type Owners,
  ownersAfter,
  refuseKey,
  slotOf,
} from '../../../src/protocols/sharded/placement.ts';

const MOST_GROUPS = 12;
const SLOT_COUNTS = [1, 2, 3, 7, 8, 12, 13, 64, 101, 256];

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function none(slots: number): Owners {
  return range(slots).map(() => null);
}

function movedBetween(before: Owners, after: Owners): number {
  return before.filter((owner, slot) => owner !== null && owner !== after[slot]).length;
}

function sharesOf(owners: Owners, groups: readonly GroupId[]): number[] {
  return groups.map((group) => owners.filter((owner) => owner === group).length);
}

/** The owners after so many groups have joined, one after the other. */
function joined(kind: 'hash' | 'range', slots: number, count: number): Owners {
  let owners = none(slots);
  for (const group of range(count)) {
    owners = ownersAfter({ kind, slots }, owners, range(group + 1));
  }
  return owners;
}

describe('with hash', () => {
  it.each(SLOT_COUNTS)('and %i slots a join or leave moves at most ceil(slots/groups)', (slots) => {
    const partition = { kind: 'hash', slots } as const;
    for (let count = 1; count <= MOST_GROUPS; count += 1) {
      const before = joined('hash', slots, count);
      const most = Math.ceil(slots / (count + 1));
      const after = ownersAfter(partition, before, range(count + 1));
      expect(movedBetween(before, after)).toBeLessThanOrEqual(most);
      for (const leaver of range(count)) {
        const rest = range(count).filter((group) => group !== leaver);
        if (rest.length === 0) continue;
        const left = ownersAfter(partition, before, rest);
        expect(movedBetween(before, left)).toBeLessThanOrEqual(Math.ceil(slots / count));
        expect(movedBetween(before, left)).toBe(sharesOf(before, [leaver])[0]);
      }
    }
  });

  it('each group keeps an equal share, whatever joins and leaves, within the bound', () => {
    const changes = fc.array(fc.nat(), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(changes, fc.constantFrom(...SLOT_COUNTS), (drawn, slots) => {
        const partition = { kind: 'hash', slots } as const;
        let groups: number[] = [];
        let owners = none(slots);
        for (const [id, number] of drawn.entries()) {
          const isJoin = groups.length < 2 || (number % 2 === 0 && groups.length < MOST_GROUPS);
          const most = Math.ceil(slots / (isJoin ? groups.length + 1 : groups.length));
          const leaver = groups[number % groups.length];
          groups = isJoin ? [...groups, id] : groups.filter((group) => group !== leaver);
          const next = ownersAfter(partition, owners, groups);
          expect(movedBetween(owners, next)).toBeLessThanOrEqual(most);
          const shares = sharesOf(next, groups);
          expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
          expect(shares.reduce((sum, share) => sum + share, 0)).toBe(slots);
          owners = next;
        }
      }),
    );
  });

  it('spreads keys over all slots, the same way each time', () => {
    const partition = { kind: 'hash', slots: 8 } as const;
    const slots = range(200).map((key) => slotOf(partition, `key ${key}`));
    expect(new Set(slots)).toEqual(new Set(range(8)));
    expect(slots).toEqual(range(200).map((key) => slotOf(partition, `key ${key}`)));
    expect(refuseKey(partition, 'any text at all')).toBeUndefined();
  });
});

describe('with range', () => {
  // The ranges of the source, for keys 0 to 100: the first key of each server after the first.
  it.each([
    [2, [51]],
    [3, [34, 68]],
    [4, [26, 52, 78]],
    [5, [21, 42, 63, 84]],
    [8, [13, 26, 39, 52, 65, 78, 91]],
  ])('%i groups have the ranges of the source', (count, bounds) => {
    const owners = joined('range', 101, count);
    const starts = range(101).filter((key) => key > 0 && owners[key] !== owners[key - 1]);
    expect(starts).toEqual(bounds);
    expect([owners[0], owners[100]]).toEqual([0, count - 1]);
  });

  it('leaves the last groups empty where the ranges before have all keys', () => {
    expect(sharesOf(joined('range', 101, 11), range(11)).at(-1)).toBe(1);
    expect(sharesOf(joined('range', 4, 3), range(3))).toEqual([2, 2, 0]);
  });

  // The i-th bound moves by i times the difference of two sizes, so that a join of the group n + 1
  // moves fewer than keys/2 + n(n+1)/2 keys, and a leave of one of n no more than
  // keys/2 + (n-1)(n+2)/2: half of all keys, and what the rounding of sizes adds.
  it('about half of all keys move', () => {
    for (const slots of [...range(64).map((key) => key + 1), 100, 101, 121, 256, 1000]) {
      const partition = { kind: 'range', slots } as const;
      for (let count = 1; count <= MOST_GROUPS; count += 1) {
        const before = ownersAfter(partition, none(slots), range(count));
        const after = ownersAfter(partition, before, range(count + 1));
        const most = slots / 2 + (count * (count + 1)) / 2;
        expect(movedBetween(before, after)).toBeLessThan(most);
        for (const leaver of range(count)) {
          const rest = range(count).filter((group) => group !== leaver);
          if (rest.length === 0) continue;
          const left = ownersAfter(partition, before, rest);
          const bound = slots / 2 + ((count - 1) * (count + 2)) / 2;
          expect(movedBetween(before, left)).toBeLessThanOrEqual(bound);
        }
      }
    }
  });

  it('a key is its own slot, and nothing else is a key', () => {
    const partition = { kind: 'range', slots: 101 } as const;
    expect(['0', '7', '100'].map((key) => slotOf(partition, key))).toEqual([0, 7, 100]);
    for (const key of ['101', '-1', '01', '1.0', '', 'a', ' 1', '1e1']) {
      expect(refuseKey(partition, key)).toMatch('from 0 to 100');
    }
  });
});

it('without a group no slot has an owner', () => {
  for (const kind of ['hash', 'range'] as const) {
    expect(ownersAfter({ kind, slots: 3 }, [1, 2, 1], [])).toEqual([null, null, null]);
  }
});

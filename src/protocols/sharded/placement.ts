// The shards: which one a key is in, and which group owns which. Pure.
import { tokenOfKey } from '../../replication/ring.ts';

/**
 * How keys are divided. A slot is a shard of the smallest size: it has one owner. With `range` the
 * keys are whole numbers below `slots`, and each is a slot of its own.
 */
export interface Partition {
  readonly kind: 'hash' | 'range';
  readonly slots: number;
}

/** The number of a group; groups are numbered in the order of their creation. */
export type GroupId = number;

/** The owner of each slot; null while there is none. */
export type Owners = readonly (GroupId | null)[];

const HASH_DIGITS = 8;

/** The key must be one of the partition's. */
export function slotOf({ kind, slots }: Partition, key: string): number {
  if (kind === 'range') return Number(key);
  return Number.parseInt(tokenOfKey(key).slice(0, HASH_DIGITS), 16) % slots;
}

/** Why a text is not a key of the partition, or undefined. */
export function refuseKey({ kind, slots }: Partition, key: string): string | undefined {
  if (kind === 'hash') return undefined;
  const isIn = /^(?:0|[1-9][0-9]{0,5})$/.test(key) && Number(key) < slots;
  return isIn ? undefined : `a key is a whole number from 0 to ${slots - 1}`;
}

/**
 * The owners after the groups have changed; `groups` in the order of creation.
 *
 * With `hash` each group gets an equal share, give or take one slot, and no more move than that
 * needs: at most ceil(slots / groups), where groups are counted before a leave and after a join.
 * With `range` group i gets the i-th range of ceil(slots / groups) keys. A range is contiguous, so
 * the bounds of all later ones change: about half of all keys move.
 */
export function ownersAfter(
  { kind, slots }: Partition,
  owners: Owners,
  groups: readonly GroupId[],
): Owners {
  if (groups.length === 0) return owners.map(() => null);
  if (kind === 'hash') return balance(owners, groups);
  const size = Math.ceil(slots / groups.length);
  return owners.map((_, slot) => groups[Math.floor(slot / size)] as GroupId);
}

/** The slots without an owner get one of these groups, the one with the fewest. */
export function ownersFilled(owners: Owners, groups: readonly GroupId[]): Owners {
  const counts = countSlots(owners, groups);
  return owners.map((owner) => {
    const [smallest] = ranked(counts);
    if (owner !== null || smallest === undefined) return owner;
    add(counts, smallest, 1);
    return smallest;
  });
}

function balance(owners: Owners, groups: readonly GroupId[]): Owners {
  const kept = owners.map((owner) => (owner !== null && groups.includes(owner) ? owner : null));
  const next = [...ownersFilled(kept, groups)];
  const counts = countSlots(next, groups);
  for (;;) {
    const order = ranked(counts);
    const [smallest, largest] = [order[0] as GroupId, order.at(-1) as GroupId];
    if ((counts.get(largest) ?? 0) - (counts.get(smallest) ?? 0) <= 1) return next;
    next[next.lastIndexOf(largest)] = smallest;
    add(counts, largest, -1);
    add(counts, smallest, 1);
  }
}

function countSlots(owners: Owners, groups: readonly GroupId[]): Map<GroupId, number> {
  const counts = new Map(groups.map((group) => [group, 0]));
  for (const owner of owners) if (owner !== null) add(counts, owner, 1);
  return counts;
}

/** The groups, the one with the fewest slots first. */
function ranked(counts: ReadonlyMap<GroupId, number>): GroupId[] {
  return [...counts].sort(([a, few], [b, many]) => few - many || a - b).map(([group]) => group);
}

function add(counts: Map<GroupId, number>, group: GroupId, count: number): void {
  const known = counts.get(group);
  if (known !== undefined) counts.set(group, known + count);
}

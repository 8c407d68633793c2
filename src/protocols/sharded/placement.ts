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

/** The owner of each slot; null while there is no group. */
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

function balance(owners: Owners, groups: readonly GroupId[]): Owners {
  const next = [...owners];
  const counts = new Map(groups.map((group) => [group, 0]));
  for (const owner of owners) if (owner !== null) add(counts, owner, 1);
  const ranked = (): GroupId[] =>
    [...groups].sort((a, b) => (counts.get(a) ?? 0) - (counts.get(b) ?? 0) || a - b);
  for (const [slot, owner] of next.entries()) {
    if (owner !== null && counts.has(owner)) continue;
    const smallest = ranked()[0] as GroupId;
    next[slot] = smallest;
    add(counts, smallest, 1);
  }
  for (;;) {
    const order = ranked();
    const [smallest, largest] = [order[0] as GroupId, order.at(-1) as GroupId];
    if ((counts.get(largest) ?? 0) - (counts.get(smallest) ?? 0) <= 1) return next;
    next[next.lastIndexOf(largest)] = smallest;
    add(counts, largest, -1);
    add(counts, smallest, 1);
  }
}

function add(counts: Map<GroupId, number>, group: GroupId, count: number): void {
  const known = counts.get(group);
  if (known !== undefined) counts.set(group, known + count);
}

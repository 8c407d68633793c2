// Which group owns which shard, and the move of shards that is under way. Pure.
import _ from 'lodash';
import type { Configuration, Move } from './configuration.ts';
import {
  type GroupId,
  type Owners,
  ownersAfter,
  ownersFilled,
  type Partition,
} from './placement.ts';

/** A group that gives shards in the move under way, and one that gets them. */
export type Pair = readonly [from: GroupId, to: GroupId];

export class ShardMap {
  readonly #wanted: Partition;
  #partition: Partition;
  #owners: Owners;
  #move: Move | null = null;
  /** The pairs of which the getting group has all. */
  readonly #given = new Set<string>();
  /** The groups that have opened what begins anew. */
  readonly #opened = new Set<GroupId>();

  constructor(partition: Partition) {
    this.#wanted = partition;
    this.#partition = partition;
    this.#owners = Array.from({ length: partition.slots }, () => null);
  }

  get partition(): Partition {
    return this.#partition;
  }

  /** Whether the partition is that of an earlier run with other options. */
  get isOtherPartition(): boolean {
    return !_.isEqual(this.#partition, this.#wanted);
  }

  get owners(): Owners {
    return this.#owners;
  }

  get move(): Move | null {
    return this.#move;
  }

  /** Takes over what the configuration of an earlier run has; its move is undone. */
  restore({ partition, owners }: Pick<Configuration, 'partition' | 'owners'>): void {
    this.#partition = partition;
    this.#owners = owners;
  }

  /** The owners when these are the groups. */
  next(groups: readonly GroupId[]): Owners {
    return ownersAfter(this.#partition, this.#owners, groups);
  }

  /** The owners when slots without one get some of these groups. */
  filled(groups: readonly GroupId[]): Owners {
    return ownersFilled(this.#owners, groups);
  }

  /** Whether there are slots without an owner. */
  get hasGaps(): boolean {
    return this.#owners.includes(null);
  }

  /** The groups that have to give or get shards for these owners. */
  involved(next: Owners): Set<GroupId> {
    const groups = new Set<GroupId>();
    for (const [slot, from] of this.#owners.entries()) {
      const to = next[slot] ?? null;
      if (to === null || from === to) continue;
      groups.add(to);
      if (from !== null) groups.add(from);
    }
    return groups;
  }

  /** A move begins, in the configuration of that number. */
  begin(number: number, next: Owners): void {
    this.#given.clear();
    this.#opened.clear();
    this.#move = { id: number, owners: [...next] };
  }

  /** The pairs of which the getting group does not have all yet. */
  get pairs(): Pair[] {
    const pairs = new Map<string, Pair>();
    for (const [slot, from] of this.#owners.entries()) {
      const to = this.#move?.owners[slot] ?? null;
      if (from === null || to === null || from === to) continue;
      pairs.set(nameOf([from, to]), [from, to]);
    }
    return [...pairs].flatMap(([name, pair]) => (this.#given.has(name) ? [] : [pair]));
  }

  /** The groups that get slots without an owner, and have not opened them yet. */
  get opening(): GroupId[] {
    const groups = new Set<GroupId>();
    for (const [slot, from] of this.#owners.entries()) {
      const to = this.#move?.owners[slot] ?? null;
      if (from === null && to !== null && !this.#opened.has(to)) groups.add(to);
    }
    return [...groups];
  }

  /** The group has nothing of the slots that begin anew with it in that move. */
  opened(move: number, group: GroupId): void {
    if (this.#move?.id === move) this.#opened.add(group);
  }

  /** The getting group has all that the other one gives in that move. */
  given(move: number, pair: Pair): void {
    if (this.#move?.id === move) this.#given.add(nameOf(pair));
  }

  /** The move ends: the shards have their new owners. */
  switch(): void {
    if (this.#move !== null) this.#owners = this.#move.owners;
    this.#move = null;
  }

  /** The move ends: the shards keep their owners. */
  undo(): void {
    this.#move = null;
  }

  /** The data of a group are given up: its slots have no owner. */
  giveUp(group: GroupId): void {
    this.#owners = this.#owners.map((owner) => (owner === group ? null : owner));
  }
}

function nameOf([from, to]: Pair): string {
  return `${from} ${to}`;
}

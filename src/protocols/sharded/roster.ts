// Every decision of the shard master: the groups, the owners of shards, and the moves between
// them. Synchronous. Each method that changes something gives a new number. One change of the
// groups is under way at a time.
import { CallError } from '../../kernel/errors.ts';
import { type Life, lifeKey, type NodeId } from '../../kernel/ids.ts';
import { type Configuration, firstNumberOf, type Move } from './configuration.ts';
import { LAST_COPY, NO_OWNER, NOT_A_MEMBER } from './errors.ts';
import { type Candidate, GroupRoll } from './group.ts';
import type { DiskReport } from './messages.ts';
import type { Settings } from './options.ts';
import { type GroupId, type Owners, ownersAfter } from './placement.ts';
import { resumeFrom } from './recovery.ts';

/** What has to happen when the move under way has ended. */
type Change =
  | { readonly kind: 'join'; readonly group: GroupId }
  | { readonly kind: 'leave'; readonly server: NodeId; readonly group: GroupId };

/** A group that gives shards in the move under way, and one that gets them. */
export type Pair = readonly [from: GroupId, to: GroupId];

export class Roster {
  number = 0;
  readonly #settings: Settings;
  readonly #earlier: readonly NodeId[];
  readonly #firstNumber: number;
  #partition: Settings['partition'];
  #groups: GroupRoll[] = [];
  #owners: Owners;
  #move: Move | null = null;
  #change: Change | undefined;
  #given = new Set<string>();
  #lastGroup = 0;
  readonly #live = new Map<NodeId, Life>();
  readonly #endedUpTo = new Map<NodeId, number>();
  /** What the disks of the latest lives had. */
  readonly #disks = new Map<NodeId, DiskReport | null>();
  /** The lives that have left: they do not join by themselves. */
  readonly #left = new Set<number>();
  /** After the start from old disks: the groups of which no disk has all. */
  refused: readonly GroupId[] = [];

  /** As in ServiceEnv: the servers of earlier runs, and the number of this run. */
  constructor(settings: Settings, earlier: readonly NodeId[], generation = 0) {
    this.#settings = settings;
    this.#earlier = earlier;
    this.#firstNumber = firstNumberOf(generation);
    this.#partition = settings.partition;
    this.#owners = Array.from({ length: settings.partition.slots }, () => null);
  }

  /** The servers that are known to live. */
  get live(): NodeId[] {
    return [...this.#live.keys()].sort((a, b) => a - b);
  }

  get groups(): readonly GroupRoll[] {
    return this.#groups;
  }

  get owners(): Owners {
    return this.#owners;
  }

  get move(): Move | null {
    return this.#move;
  }

  /** Whether the partition is that of an earlier run with other options. */
  get isOtherPartition(): boolean {
    const { kind, slots } = this.#settings.partition;
    return this.#partition.kind !== kind || this.#partition.slots !== slots;
  }

  configuration(): Configuration {
    const move = this.#move && { id: this.#move.id, owners: [...this.#move.owners] };
    const groups = this.#groups.map((group) => group.toGroup());
    const { number } = this;
    return { number, partition: this.#partition, groups, owners: [...this.#owners], move };
  }

  /** The current configuration for a server with another one; null if it has the current one. */
  correctionOf(number: number): Configuration | null {
    return number >= this.number || this.number === 0 ? null : this.configuration();
  }

  /** The servers of earlier runs whose reports are missing. */
  get awaited(): NodeId[] {
    if (this.number > 0) return [];
    const known = [...this.#disks.values()].flatMap(
      (disk) => disk?.configuration.groups.flatMap(({ members }) => members) ?? [],
    );
    return [...new Set([...this.#earlier, ...known])].filter((id) => !this.#disks.has(id));
  }

  /**
   * Registers a life; an earlier life of the same server ends. False for a life that is known to
   * have ended. In a new run on old disks nothing begins before every server of the earlier runs
   * has reported, with its disk or without: only then is it known which configuration was the last.
   */
  register(life: Life, recovered: DiskReport | null): boolean {
    const { id, incarnation } = life;
    if (incarnation <= (this.#endedUpTo.get(id) ?? 0)) return false;
    const known = this.#live.get(id);
    if (known !== undefined && known.incarnation > incarnation) return false;
    if (known?.incarnation === incarnation) return true;
    if (known !== undefined) this.end(known);
    this.#live.set(id, life);
    this.#disks.set(id, recovered);
    if (this.number === 0) this.#begin();
    else this.#revive(life, recovered);
    return true;
  }

  /** A life has ended. */
  end(life: Life): void {
    const ended = this.#endedUpTo.get(life.id) ?? 0;
    this.#endedUpTo.set(life.id, Math.max(ended, life.incarnation));
    const known = this.#live.get(life.id);
    if (known === undefined || lifeKey(known) !== lifeKey(life)) return;
    this.#live.delete(life.id);
    const group = this.#groups.find((one) => one.has(life));
    if (group === undefined) return;
    group.remove(life, this.number + 1);
    this.#changed();
  }

  lifeOf(id: NodeId): Life | undefined {
    return this.#live.get(id);
  }

  isLive(life: Life): boolean {
    return this.#live.get(life.id)?.incarnation === life.incarnation;
  }

  groupOfMember(id: NodeId): GroupRoll | undefined {
    return this.#groups.find(({ members }) => members.includes(id));
  }

  group(id: GroupId): GroupRoll | undefined {
    return this.#groups.find((group) => group.id === id);
  }

  /** Whether a life has a place, and neither serves nor is brought up to date. */
  lacksService(life: Life): boolean {
    const group = this.groupOfMember(life.id);
    return this.isLive(life) && group !== undefined && !group.has(life);
  }

  /** Whether a live server without a place is to join by itself. */
  wantsToJoin(life: Life): boolean {
    const isIn = this.groupOfMember(life.id) !== undefined;
    const mayJoin = this.#settings.joinsAtStart && !this.#left.has(lifeKey(life));
    return this.isLive(life) && !isIn && mayJoin && this.number > 0;
  }

  /** The last that served in a group that none serves in: without one of them it stays dead. */
  get lost(): NodeId[] {
    const dead = this.#groups.filter(({ serving }) => serving.length === 0);
    return [...new Set(dead.flatMap(({ holders }) => holders))].filter((id) => !this.#live.has(id));
  }

  /** The primary brings a server of its group up to date. False if there is none. */
  beginJoin(life: Life): boolean {
    const group = this.groupOfMember(life.id);
    if (group === undefined || group.primary === null || !this.lacksService(life)) return false;
    group.beginJoin(life);
    this.#changed();
    return true;
  }

  /** That joiner has all, says the primary of that epoch. */
  sync(from: Life, id: GroupId, epoch: number, joiner: Life): void {
    const group = this.group(id);
    if (group?.primary !== from.id || group.epoch !== epoch || !this.isLive(from)) return;
    if (this.isLive(joiner) && group.serve(joiner)) this.#changed();
  }

  /** Removes living servers of a group, as far as that is safe. */
  leaveOut(id: GroupId, ids: readonly NodeId[]): void {
    const group = this.group(id);
    const lives = group?.removable(ids) ?? [];
    for (const life of lives) group?.remove(life, this.number + 1);
    if (lives.length > 0) this.#changed();
  }

  /** A server whose disk is full is removed, as far as that is safe. */
  resign(life: Life, isEmpty: boolean): void {
    const group = this.groupOfMember(life.id);
    if (group?.has(life) !== true) return;
    this.leaveOut(group.id, [life.id]);
    if (group.has(life) && isEmpty) group.isEmpty = true;
  }

  /** Appoints a primary. False without a candidate, or for another epoch than the current one. */
  appoint(id: GroupId, epoch: number, candidates: readonly Candidate[]): boolean {
    const group = this.group(id);
    if (group?.epoch !== epoch) return false;
    const isDone = group.appoint(candidates, this.number + 1);
    if (isDone) this.#changed();
    return isDone;
  }

  /**
   * A server gets a place. With a group of its own, a move begins; `done` if there is nothing to
   * move. Throws E_BAD_REQUEST for a server that is not alive, or has a place.
   */
  join(id: NodeId): 'done' | 'moving' {
    const life = this.#live.get(id);
    if (life === undefined) throw new CallError('E_BAD_REQUEST', `server ${id} is not alive`);
    if (this.number === 0) {
      throw new CallError(
        NO_OWNER,
        `server ${this.awaited.join(', ')} of the earlier run is awaited`,
      );
    }
    if (this.groupOfMember(id) !== undefined) {
      throw new CallError('E_BAD_REQUEST', `server ${id} has joined already`);
    }
    this.#left.delete(lifeKey(life));
    const most = this.#settings.groups ?? Number.POSITIVE_INFINITY;
    if (this.#groups.length >= most) {
      const group = this.#smallest(this.#groups);
      group.place(id);
      if (group.primary !== null) group.beginJoin(life);
      this.#changed();
      return 'done';
    }
    this.#lastGroup += 1;
    const group = new GroupRoll(this.#lastGroup, this.number + 1);
    group.found(life);
    return this.#moveTo({ kind: 'join', group: group.id }, [...this.#groups, group]);
  }

  /**
   * A server gives up its place. A primary's shards move to the other groups; if there are none,
   * another server of its group becomes the primary. Throws ERR_NOT_A_MEMBER, and without `force`
   * ERR_LAST_COPY if data would be lost.
   */
  leave(id: NodeId, isForced: boolean): 'done' | 'moving' {
    const group = this.groupOfMember(id);
    if (group === undefined) throw new CallError(NOT_A_MEMBER, `server ${id}`);
    const others = group.serving.filter((life) => life.id !== id);
    const isHolder = group.serving.length === 0 && group.holders.includes(id);
    const isLast =
      group.serving.length > 0 ? others.length === 0 : isHolder && group.holders.length === 1;
    const rest = this.#groups.filter((one) => one !== group);
    const isPrimary = group.primary === id;
    if (isPrimary && rest.length > 0) {
      const result = this.#moveTo({ kind: 'leave', server: id, group: group.id }, rest);
      this.#markLeft(id);
      return result;
    }
    if (isLast && !isForced) {
      throw new CallError(
        LAST_COPY,
        `server ${id} is the last with its shards; force gives them up`,
      );
    }
    this.#markLeft(id);
    group.leave(id, this.number + 1);
    if (isLast) this.#giveUp(group, rest);
    this.#changed();
    return 'done';
  }

  /** The pairs of groups of which the getting one does not have all yet. */
  get pairs(): Pair[] {
    const pairs = new Map<string, Pair>();
    for (const [slot, from] of this.#owners.entries()) {
      const to = this.#move?.owners[slot] ?? null;
      if (from === null || to === null || from === to) continue;
      pairs.set(nameOf([from, to]), [from, to]);
    }
    return [...pairs].flatMap(([name, pair]) => (this.#given.has(name) ? [] : [pair]));
  }

  /** The getting group has all that the other one gives, says its primary of that epoch. */
  given(life: Life, move: number, pair: Pair, epoch: number): void {
    const group = this.group(pair[0]);
    const isPrimary = group?.primary === life.id && group.epoch === epoch && this.isLive(life);
    if (isPrimary && this.#move?.id === move) this.#given.add(nameOf(pair));
  }

  /** The move ends: the shards have their new owners. */
  switch(): void {
    if (this.#move === null) return;
    this.#owners = this.#move.owners;
    const change = this.#change;
    this.#end();
    if (change?.kind === 'leave') this.#dissolve(change.group, change.server);
    this.#changed();
  }

  /** The move ends: the shards keep their owners. */
  undo(): void {
    if (this.#move === null) return;
    const change = this.#change;
    this.#end();
    if (change?.kind === 'join')
      this.#groups = this.#groups.filter(({ id }) => id !== change.group);
    this.#changed();
  }

  /** Whether every group serves with all its live members, and no move is under way. */
  get isWhole(): boolean {
    if (this.#move !== null) return false;
    return this.#groups.every(({ primary, members, serving }) => {
      const live = members.filter((id) => this.#live.has(id));
      return primary !== null && live.every((id) => serving.some((life) => life.id === id));
    });
  }

  /** The servers that serve in some group. */
  get serving(): NodeId[] {
    const ids = this.#groups.flatMap(({ serving }) => serving.map(({ id }) => id));
    return ids.sort((a, b) => a - b);
  }

  /** Throws ERR_NO_OWNER, with nothing changed, if a group that would have to give cannot. */
  #moveTo(change: Change, groups: readonly GroupRoll[]): 'done' | 'moving' {
    const ids = groups.map(({ id }) => id);
    const next = ownersAfter(this.#partition, this.#owners, ids);
    const moved = this.#owners.filter((owner, slot) => owner !== null && owner !== next[slot]);
    const involved = new Set([...moved, ...next.filter((to, slot) => to !== this.#owners[slot])]);
    const dead = this.#groups.find(({ id, serving }) => involved.has(id) && serving.length === 0);
    if (dead !== undefined && moved.length > 0) {
      throw new CallError(
        NO_OWNER,
        `no server of the group of server ${dead.members.join(', ')} serves`,
      );
    }
    if (change.kind === 'join') this.#groups = [...groups];
    if (moved.length === 0) this.#owners = next;
    this.#change = change;
    this.#given.clear();
    this.#move = { id: this.number + 1, owners: [...next] };
    this.#changed();
    if (moved.length > 0) return 'moving';
    this.switch();
    return 'done';
  }

  #end(): void {
    this.#move = null;
    this.#change = undefined;
    this.#given.clear();
  }

  /** The group of a primary that leaves: its other servers get places in the smallest groups. */
  #dissolve(id: GroupId, leaver: NodeId): void {
    const group = this.group(id);
    this.#groups = this.#groups.filter((one) => one !== group);
    for (const member of group?.members ?? []) if (member !== leaver) this.#rehome(member);
  }

  #rehome(id: NodeId): void {
    if (this.#groups.length === 0) return;
    const group = this.#smallest(this.#groups);
    group.place(id);
    const life = this.#live.get(id);
    if (life !== undefined && group.primary !== null) group.beginJoin(life);
  }

  /** The data of the group are lost: its shards begin anew, empty, in the other groups. */
  #giveUp(group: GroupRoll, rest: readonly GroupRoll[]): void {
    this.#groups = this.#groups.filter((one) => one !== group);
    const ids = rest.map(({ id }) => id);
    this.#owners = ownersAfter({ ...this.#partition, kind: 'hash' }, this.#owners, ids);
    for (const member of group.members) this.#rehome(member);
  }

  #markLeft(id: NodeId): void {
    const life = this.#live.get(id);
    if (life !== undefined) this.#left.add(lifeKey(life));
  }

  #smallest(groups: readonly GroupRoll[]): GroupRoll {
    return [...groups].sort(
      (a, b) => a.members.length - b.members.length || a.id - b.id,
    )[0] as GroupRoll;
  }

  /** A new run begins when all earlier servers have reported. */
  #begin(): void {
    if (this.awaited.length > 0) return;
    this.number = this.#firstNumber;
    const resumed = resumeFrom(this.#disks);
    if (resumed !== undefined) {
      this.number = Math.max(this.#firstNumber, resumed.number);
      this.#partition = resumed.partition;
      this.#owners = resumed.owners;
      this.refused = resumed.refused;
      this.#lastGroup = resumed.lastGroup;
      for (const { group, holders, best } of resumed.groups) {
        const roll = new GroupRoll(group.id, this.number + 1);
        roll.restore(group, holders);
        const life = best === undefined ? undefined : this.#live.get(best);
        if (life !== undefined) roll.revive(life, this.number + 1);
        this.#groups.push(roll);
      }
    }
    this.#changed();
  }

  /** A server that served last in a dead group is back with its disk (R2). */
  #revive(life: Life, recovered: DiskReport | null): void {
    const group = this.groupOfMember(life.id);
    const isDead = group?.serving.length === 0 && group.holders.includes(life.id);
    if (!isDead || (recovered?.group !== group.id && !group.isEmpty)) return;
    group.revive(life, this.number + 1);
    this.#changed();
  }

  #changed(): void {
    this.number += 1;
  }
}

function nameOf([from, to]: Pair): string {
  return `${from} ${to}`;
}

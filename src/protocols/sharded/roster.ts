// Every decision of the shard master: which servers are in which group, and which moves of shards
// that takes. Synchronous. Each method that changes something gives a new number. One change of the
// groups is under way at a time.
import { CallError } from '../../kernel/errors.ts';
import type { Life, NodeId } from '../../kernel/ids.ts';
import { type Configuration, firstNumberOf } from './configuration.ts';
import { IS_MEMBER, LAST_COPY, NO_OWNER, NOT_A_MEMBER, NOT_ALIVE } from './errors.ts';
import type { Candidate, GroupRoll } from './group.ts';
import { Groups } from './groups.ts';
import { Lives } from './lives.ts';
import type { DiskReport } from './messages.ts';
import type { Settings } from './options.ts';
import type { GroupId, Owners } from './placement.ts';
import { Reports } from './reports.ts';
import { type Pair, ShardMap } from './shardMap.ts';

/** What the move under way is for. */
type Change =
  | { readonly kind: 'join'; readonly group: GroupRoll }
  | { readonly kind: 'leave'; readonly group: GroupRoll; readonly server: NodeId }
  | { readonly kind: 'fill' };

export class Roster {
  number = 0;
  readonly lives = new Lives();
  readonly groups = new Groups(this.lives);
  readonly shards: ShardMap;
  /** After the start from old disks: the groups of which no disk has all. */
  refused: readonly GroupId[] = [];
  readonly #settings: Settings;
  readonly #firstNumber: number;
  readonly #reports: Reports;
  #change: Change | undefined;

  /** As in ServiceEnv: the servers of earlier runs, and the number of this run. */
  constructor(settings: Settings, earlier: readonly NodeId[], generation = 0) {
    this.#settings = settings;
    this.#reports = new Reports(earlier);
    this.#firstNumber = firstNumberOf(generation);
    this.shards = new ShardMap(settings.partition);
  }

  configuration(): Configuration {
    const { partition, owners, move } = this.shards;
    return {
      number: this.number,
      partition,
      groups: this.groups.toGroups(),
      owners: [...owners],
      move: move && { id: move.id, owners: [...move.owners] },
    };
  }

  /** The current configuration for a server with another one; null if it has the current one. */
  correctionOf(number: number): Configuration | null {
    return number >= this.number || this.number === 0 ? null : this.configuration();
  }

  /** The servers of earlier runs whose reports are missing. */
  get awaited(): NodeId[] {
    return this.number > 0 ? [] : this.#reports.awaited;
  }

  /** Whether every group serves with all its live members, and no move is under way. */
  get isWhole(): boolean {
    return this.shards.move === null && this.groups.isWhole && !this.hasGaps;
  }

  /** Whether slots without an owner can get one. */
  get hasGaps(): boolean {
    return this.shards.move === null && this.shards.hasGaps && this.groups.live.length > 0;
  }

  /**
   * Registers a life; an earlier life of the same server ends. False for a life that is known to
   * have ended. In a new run on old disks nothing begins before every server of the earlier runs
   * has reported, with its disk or without: only then is it known which configuration was the last.
   */
  register(life: Life, recovered: DiskReport | null): boolean {
    const former = this.lives.of(life.id);
    const status = this.lives.register(life);
    if (status !== 'new') return status === 'known';
    if (former !== undefined) this.end(former);
    this.#reports.add(life.id, recovered);
    if (this.number === 0) this.#resume();
    else this.#revive(life, recovered);
    return true;
  }

  /** A life has ended. */
  end(life: Life): void {
    this.lives.end(life);
    const group = this.groups.ofLife(life);
    if (group === undefined) return;
    group.remove(life, this.number + 1);
    this.#changed();
  }

  /** Whether a life has a place, and neither serves nor is brought up to date. */
  lacksService(life: Life): boolean {
    const group = this.groups.ofMember(life.id);
    return this.lives.has(life) && group !== undefined && !group.has(life);
  }

  /** Whether a live server without a place is to join by itself. */
  wantsToJoin(life: Life): boolean {
    const isPlaced = this.groups.ofMember(life.id) !== undefined;
    const mayJoin = this.#settings.joinsAtStart && !this.lives.hasLeft(life);
    return this.lives.has(life) && !isPlaced && mayJoin && this.number > 0;
  }

  /** The primary brings a server of its group up to date. False if there is none. */
  beginJoin(life: Life): boolean {
    const group = this.groups.ofMember(life.id);
    if (group === undefined || group.primary === null || !this.lacksService(life)) return false;
    group.beginJoin(life, this.number + 1);
    this.#changed();
    return true;
  }

  /** That joiner has all, says the primary of that epoch. */
  sync(from: Life, id: GroupId, epoch: number, joiner: Life): void {
    const group = this.groups.find(id);
    if (!this.#isPrimary(from, group, epoch)) return;
    if (this.lives.has(joiner) && group?.serve(joiner) === true) this.#changed();
  }

  /** Removes living servers of a group, as far as that is safe. */
  leaveOut(id: GroupId, ids: readonly NodeId[]): void {
    const group = this.groups.find(id);
    const lives = group?.removable(ids) ?? [];
    for (const life of lives) group?.remove(life, this.number + 1);
    if (lives.length > 0) this.#changed();
  }

  /** A server whose disk is full is removed, as far as that is safe. It joins by itself no more. */
  resign(life: Life): void {
    if (this.lives.has(life)) this.lives.leave(life.id);
    const group = this.groups.ofLife(life);
    if (group !== undefined) this.leaveOut(group.id, [life.id]);
  }

  /** Whether a life is the first of a group whose join is under way. */
  isFounding(life: Life): boolean {
    return this.#change?.kind === 'join' && this.#change.group.has(life);
  }

  /** Appoints a primary. False without a candidate, or for another epoch than the current one. */
  appoint(id: GroupId, epoch: number, candidates: readonly Candidate[]): boolean {
    const group = this.groups.find(id);
    if (group?.epoch !== epoch) return false;
    const isDone = group.appoint(candidates, this.number + 1);
    if (isDone) this.#changed();
    return isDone;
  }

  /**
   * A server gets a place. With a group of its own, a move begins; `done` if there is nothing to
   * move. Throws ERR_IS_MEMBER, or ERR_NOT_ALIVE; ERR_NO_OWNER, with nothing changed, if a group
   * that would have to give shards cannot.
   */
  join(id: NodeId): 'done' | 'moving' {
    if (this.groups.ofMember(id) !== undefined) throw new CallError(IS_MEMBER, `server ${id}`);
    const life = this.lives.of(id);
    if (life === undefined) throw new CallError(NOT_ALIVE, `server ${id}`);
    if (this.number === 0) {
      const awaited = this.awaited.join(', ');
      throw new CallError(NO_OWNER, `server ${awaited} of the earlier run is awaited`);
    }
    this.lives.return(life);
    const { all } = this.groups;
    if (all.length < (this.#settings.groups ?? Number.POSITIVE_INFINITY)) {
      const group = this.groups.create(life, this.number + 1);
      return this.#moveTo({ kind: 'join', group }, [...all, group]);
    }
    this.groups.place(id, this.number + 1);
    this.#changed();
    return 'done';
  }

  /**
   * A server gives up its place. A primary's shards move to the other groups; if there are none,
   * another server of its group becomes the primary. Throws ERR_NOT_A_MEMBER; without `force`
   * ERR_LAST_COPY if data would be lost; ERR_NO_OWNER as `join`.
   */
  leave(id: NodeId, isForced: boolean): 'done' | 'moving' {
    const group = this.groups.ofMember(id);
    if (group === undefined) throw new CallError(NOT_A_MEMBER, `server ${id}`);
    const rest = this.groups.without(group.id);
    if (group.primary === id && rest.length > 0) {
      const result = this.#moveTo({ kind: 'leave', group, server: id }, rest);
      this.lives.leave(id);
      return result;
    }
    const isLast = group.isLastCopy(id);
    if (isLast && !isForced) {
      const why = `server ${id} is the last with its shards; force gives them up`;
      throw new CallError(LAST_COPY, why);
    }
    this.lives.leave(id);
    group.leave(id, this.number + 1);
    if (isLast) {
      this.shards.giveUp(group.id);
      this.groups.dissolve(group, id, this.number + 1);
    }
    this.#changed();
    return 'done';
  }

  /** Slots without an owner get one, and begin anew there. */
  fill(): 'done' | 'moving' {
    if (!this.hasGaps) return 'done';
    return this.#begin({ kind: 'fill' }, this.shards.filled(this.groups.live));
  }

  /** The group has nothing of the slots that begin anew there, says its primary of that epoch. */
  opened(life: Life, move: number, id: GroupId, epoch: number): void {
    if (this.#isPrimary(life, this.groups.find(id), epoch)) this.shards.opened(move, id);
  }

  /** The getting group has all that the other one gives, says its primary of that epoch. */
  given(life: Life, move: number, pair: Pair, epoch: number): void {
    if (this.#isPrimary(life, this.groups.find(pair[0]), epoch)) this.shards.given(move, pair);
  }

  /** The move ends: the shards have their new owners. */
  switch(): void {
    if (this.shards.move === null) return;
    this.shards.switch();
    if (this.#change?.kind === 'leave') {
      this.groups.dissolve(this.#change.group, this.#change.server, this.number + 1);
    }
    this.#change = undefined;
    this.#changed();
  }

  /** The move ends: the shards keep their owners. */
  undo(): void {
    if (this.shards.move === null) return;
    this.shards.undo();
    if (this.#change?.kind === 'join') this.groups.remove(this.#change.group.id);
    this.#change = undefined;
    this.#changed();
  }

  #moveTo(change: Change, groups: readonly GroupRoll[]): 'done' | 'moving' {
    const next = this.shards.next(groups.map(({ id }) => id));
    const involved = this.shards.involved(next);
    const dead = this.groups.all.find((one) => involved.has(one.id) && one.serving.length === 0);
    if (dead !== undefined) {
      const whose = `the group of server ${dead.members.join(', ')}`;
      throw new CallError(NO_OWNER, `no server of ${whose} serves`);
    }
    if (change.kind === 'join') this.groups.add(change.group);
    return this.#begin(change, next);
  }

  #begin(change: Change, next: Owners): 'done' | 'moving' {
    this.#change = change;
    const isMoving = this.shards.involved(next).size > 0;
    this.shards.begin(this.number + 1, next);
    this.#changed();
    if (isMoving) return 'moving';
    this.switch();
    return 'done';
  }

  #isPrimary(life: Life, group: GroupRoll | undefined, epoch: number): boolean {
    return group?.primary === life.id && group.epoch === epoch && this.lives.has(life);
  }

  /** A new run begins when all earlier servers have reported. */
  #resume(): void {
    if (this.awaited.length > 0) return;
    this.number = this.#firstNumber;
    const resumed = this.#reports.resume();
    if (resumed !== undefined) {
      this.number = Math.max(this.#firstNumber, resumed.number);
      this.shards.restore(resumed);
      this.refused = resumed.refused;
      this.groups.restore(resumed, this.number + 1);
    }
    this.#changed();
  }

  /** A server that served last in a dead group is back with its disk (M2). */
  #revive(life: Life, recovered: DiskReport | null): void {
    const group = this.groups.ofMember(life.id);
    const isDead = group?.serving.length === 0 && group.holders.includes(life.id);
    if (!isDead || recovered?.group !== group.id) return;
    group.revive(life, this.number + 1);
    this.#changed();
  }

  #changed(): void {
    this.number += 1;
  }
}

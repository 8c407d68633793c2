// The state of a server of a group, and every decision about it: may this request be accepted, may
// this be read, what may be acknowledged, what is given away. Synchronous, without Env.
import { LamportClock } from '../../clocks/lamport.ts';
import { CallError } from '../../kernel/errors.ts';
import type { Life, NodeId } from '../../kernel/ids.ts';
import { type Configuration, groupOfLife, isFrozen, ownerOf, serversOf } from './configuration.ts';
import type { Entry, Held, Piece, RequestEntry } from './entry.ts';
import { staleEpoch, wrongOwner } from './errors.ts';
import { type Extent, GroupLog, type Snapshot } from './log.ts';
import type { DiskReport } from './messages.ts';
import type { Reply, Request } from './operations.ts';
import type { Settings } from './options.ts';
import { type GroupId, refuseKey, slotOf } from './placement.ts';
import { Position } from './position.ts';

/** A primary's decision on a request: the entry that was made for it, or that a copy has made. */
export type Accepted =
  | { readonly position: Position; readonly index: number; readonly entry?: RequestEntry }
  | { readonly position: Position; readonly reply: Reply };

/**
 * Invariants that hold between any two calls:
 * - the number of the configuration only goes up, and what belongs to an earlier epoch is void;
 * - the clock is at or above every timestamp held, so a new write is after all others;
 * - a server whose disk has refused a record accepts nothing more.
 */
export class ShardedState {
  readonly self: Life;
  readonly settings: Settings;
  readonly clock = new LamportClock();
  #configuration: Configuration | undefined;
  #log: GroupLog | undefined;
  #position: Position | undefined;
  /** Whether the disk has the current configuration. */
  #isKept = false;
  #isFull = false;
  #isResting = false;

  constructor(self: Life, settings: Settings) {
    this.self = self;
    this.settings = settings;
  }

  get configuration(): Configuration | undefined {
    return this.#configuration;
  }

  /** 0 before the first configuration. */
  get number(): number {
    return this.#configuration?.number ?? 0;
  }

  get log(): GroupLog | undefined {
    return this.#log;
  }

  get position(): Position | undefined {
    return this.#position;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  /** Whether this server needs no place for now, or gets none. */
  get isResting(): boolean {
    return this.#position === undefined && (this.#isResting || this.#isFull);
  }

  /** The shard master has said whether this server gets a place. */
  rest(isResting: boolean): void {
    this.#isResting = isResting;
  }

  /** The disk has refused a record. From now on this server accepts nothing. */
  refused(): void {
    this.#isFull = true;
  }

  /** What the disk has. To be called before this life adopts a configuration. */
  reportDisk(): DiskReport | null {
    const configuration = this.#configuration;
    if (configuration === undefined) return null;
    const { lastEpoch, last, applied } = this.extent;
    return { configuration, group: this.#log?.group ?? null, lastEpoch, last, applied };
  }

  /**
   * Adopts a later configuration. False, with nothing changed, for any other. A server that has
   * left its group, or gets a place in another one, keeps no data of it.
   */
  adopt(configuration: Configuration): boolean {
    if (configuration.number <= this.number) return false;
    this.#configuration = configuration;
    this.#isKept = false;
    this.#isResting = false;
    const place = configuration.groups.find(({ members }) => members.includes(this.self.id));
    if (this.#log?.group !== place?.id) {
      this.#log = place === undefined ? undefined : new GroupLog(place.id);
    }
    const group = groupOfLife(configuration, this.self);
    const position = this.#position;
    if (group === undefined || this.#log === undefined) this.#position = undefined;
    else if (position?.log === this.#log && position.epoch === group.epoch) position.update(group);
    else this.#position = new Position(this.self, group, this.#log, this.settings.sync);
    return true;
  }

  /** Restores a configuration of an earlier life: its log, but not its position. */
  restore(configuration: Configuration, group: GroupId | null): void {
    this.#configuration = configuration;
    if (this.#log?.group !== group) this.#log = group === null ? undefined : new GroupLog(group);
  }

  /** The disk has the configuration of that number. Void if a later one was adopted. */
  kept(number: number): void {
    if (number === this.number) this.#isKept = true;
  }

  /** Whether the disk has the current configuration. */
  get isKept(): boolean {
    return this.#isKept;
  }

  /** Whether this server's group owns a slot. */
  isOwned(slot: number): boolean {
    const owner = this.#configuration?.owners[slot];
    return owner !== undefined && owner === this.#log?.group;
  }

  /** Whether that position is the current one, and this server acts in it. */
  isCurrent(position: Position): boolean {
    return this.#position === position;
  }

  /** Throws E_BAD_REQUEST for a text that is no key of the partition. */
  slotOf(key: string): number {
    const { partition } = this.#configuration ?? this.settings;
    if (refuseKey(partition, key) !== undefined) throw new CallError('E_BAD_REQUEST', `key ${key}`);
    return slotOf(partition, key);
  }

  /** The servers that are to hold a key, by this server's configuration. */
  replicasOf(key: string): readonly NodeId[] {
    const owner = this.#configuration && ownerOf(this.#configuration, this.slotOf(key));
    return owner === undefined ? [] : serversOf(owner);
  }

  /**
   * The position in which this server answers for a key; `frozen` while the key moves. Throws
   * ERR_WRONG_OWNER, with the number of the configuration, if it does not answer for it.
   */
  owned(key: string): Position | 'frozen' {
    const [configuration, position] = [this.#configuration, this.#position];
    if (configuration === undefined || position === undefined) throw wrongOwner(this.number);
    const slot = this.slotOf(key);
    const owner = ownerOf(configuration, slot);
    if (owner?.id !== position.log.group || !position.isServing) throw wrongOwner(this.number);
    return isFrozen(configuration, slot) ? 'frozen' : position;
  }

  /**
   * Accepts a request as the primary, with a version above all that it has. A copy of an earlier
   * request makes no new entry. Throws ERR_WRONG_OWNER, E_STORAGE for a full disk, E_BAD_REQUEST
   * for a request that its session has given up.
   */
  accept(request: Request): Accepted | 'frozen' {
    const position = this.owned(request.key);
    if (position === 'frozen') return 'frozen';
    if (!position.isPrimary) throw wrongOwner(this.number);
    const { log, epoch } = position;
    const slot = this.slotOf(request.key);
    const known = log.find(slot, request);
    if (known === 'late') throw new CallError('E_BAD_REQUEST', 'a late copy of an old request');
    if (typeof known === 'number') return { position, index: known };
    if (known !== undefined) return { position, reply: known };
    if (this.#isFull) throw new CallError('E_STORAGE');
    const version = { timestamp: this.clock.tick(), origin: this.self };
    const entry: RequestEntry = { kind: 'request', epoch, slot, request, version };
    return { position, index: log.push(entry), entry };
  }

  /** What may be acknowledged or applied now, by this server's configuration. */
  advance(committed?: number): ReturnType<Position['advance']> {
    const position = this.#position;
    if (position === undefined) return [];
    return position.isPrimary && !this.#isKept ? [] : position.advance(committed);
  }

  /**
   * Whether this server acts in the position: its disk has the configuration, or has no room for
   * it. Such a server acknowledges no write, since a later run would not know of the configuration;
   * but it answers reads, and gives its shards away.
   */
  hasBegun(position: Position): boolean {
    return this.isCurrent(position) && this.#hasBegun;
  }

  get #hasBegun(): boolean {
    return this.#isKept || this.#isFull;
  }

  /** A read that the shard master has confirmed: the value, or `dirty` for the primary to say. */
  read(position: Position, key: string): Held | undefined | 'dirty' {
    if (!this.isCurrent(position) || !position.isReadable) throw wrongOwner(this.number);
    const { log } = position;
    const slot = this.slotOf(key);
    const asks = !position.isPrimary && this.settings.sync === 'all';
    return asks && log.isDirty(slot, key) ? 'dirty' : log.shards.read(slot, key);
  }

  /** A secondary of this epoch asks for a value that the whole group has. */
  latest(group: GroupId, epoch: number, key: string): Held | undefined {
    const position = this.positionIn(group, epoch);
    if (!position.isPrimary || !position.isReadable) throw staleEpoch('not a settled primary');
    return position.log.shards.read(this.slotOf(key), key);
  }

  /** Throws ERR_STALE_EPOCH unless this server has a position in that epoch of the group. */
  positionIn(group: GroupId, epoch: number): Position {
    const position = this.#position;
    if (position === undefined || position.log.group !== group || position.epoch !== epoch) {
      throw staleEpoch(`${epoch} of group ${group}`);
    }
    return position;
  }

  /** As `positionIn`, for a message of the group's primary. */
  positionAfter(from: NodeId, group: GroupId, epoch: number): Position {
    const position = this.positionIn(group, epoch);
    if (position.primary !== from || position.isPrimary) throw staleEpoch(`${from} is no primary`);
    if (this.#isFull) throw new CallError('E_STORAGE');
    return position;
  }

  /**
   * Takes entries of the primary. Gives those that are new here, or `gap`. Throws E_CLOCK_JUMP,
   * with nothing changed.
   */
  append(
    position: Position,
    base: number,
    entries: readonly Entry[],
    cuts: boolean,
  ): readonly Entry[] | 'gap' {
    const { log } = position;
    for (const entry of entries) this.witness(entry);
    // A late copy of the first append must not remove what has come since.
    const isFirst = cuts && !position.isSynced;
    if (isFirst && base < log.applied) return 'gap';
    const fresh = log.append(base, entries);
    if (fresh === 'gap') return 'gap';
    if (isFirst) {
      log.truncate(Math.max(log.applied, base + entries.length));
      position.isSynced = true;
    }
    return fresh;
  }

  /**
   * Becomes equal to the primary up to the snapshot. A log in step that goes as far has all of a
   * late copy, and perhaps entries after it.
   */
  install(position: Position, snapshot: Snapshot): void {
    if (position.isSynced && snapshot.upTo <= position.log.last) return;
    this.take(position.log, snapshot);
    position.isSynced = true;
  }

  /** The log becomes equal to the snapshot. */
  take(log: GroupLog, snapshot: Snapshot): void {
    this.witnessAll(snapshot.pieces);
    log.install(snapshot);
  }

  /** How much of the group's log this server has, for an election. */
  get extent(): Extent & { readonly lastEpoch: number } {
    const log = this.#log ?? new GroupLog(0);
    return { ...log.extent, lastEpoch: log.lastEpoch };
  }

  /** Throws E_CLOCK_JUMP, with nothing changed, for an absurd timestamp. */
  witness(entry: Entry): void {
    if (entry.kind === 'request') this.clock.witness(entry.version.timestamp);
    if (entry.kind === 'install') this.witnessAll(entry.pieces);
  }

  witnessAll(pieces: readonly Piece[]): void {
    for (const { latest } of pieces) this.clock.witness(latest);
  }
}

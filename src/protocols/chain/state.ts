// The state of one chain server: its logs, its positions in the current configuration, and every
// decision about them. Synchronous, without network, disk or timers.
import { LamportClock } from '../../clocks/lamport.ts';
import { toVersionTuple } from '../../clocks/version.ts';
import { CallError } from '../../kernel/errors.ts';
import type { Sibling } from '../../kernel/history.ts';
import type { Life, NodeId } from '../../kernel/ids.ts';
import type { Standing } from '../../replication/membership.ts';
import { PartIntake } from '../../replication/parts.ts';
import { Ring, tokenOfKey, tokenOfServer } from '../../replication/ring.ts';
import {
  type Chain,
  type Configuration,
  isInService,
  isOfLaterRun,
  orderOf,
} from './configuration.ts';
import type { DiskReport } from './diskReport.ts';
import { staleEpoch } from './errors.ts';
import { ArcLog, type Catchup, type Entry, type Outcome } from './log.ts';
import { Downstream, durableUpTo, Upstream } from './streams.ts';
import { type SyncPart, unpackApplied, unpackEntry } from './wire.ts';

/** The position of this server in one chain, in one epoch. */
export interface Position {
  readonly owner: NodeId;
  readonly chain: Chain;
  readonly log: ArcLog;
  readonly predecessor: NodeId | undefined;
  readonly successor: NodeId | undefined;
  /** Whether it is the last member. A joiner, which is being brought up to date, may follow. */
  readonly isTail: boolean;
  readonly isJoiner: boolean;
  /** What is to be sent to each neighbour in this epoch. */
  readonly down: Downstream | undefined;
  readonly up: Upstream | undefined;
  /** The parts of the predecessor's catch-ups. */
  readonly intake: PartIntake<SyncPart>;
}

export interface Request extends Omit<Entry, 'version' | 'isNoop'> {
  /** Only of a compare-and-set: the value that the key must have. */
  readonly expected?: string;
}

/** A head's decision on a request: its outcome, and the entry that must be made durable. */
export interface Accepted extends Outcome {
  readonly position: Position;
  /** Only for a new write; undefined for a copy of an earlier request. */
  readonly entry?: Entry;
  /** Only of a new compare-and-set that does not write: what it has found. */
  readonly found?: Sibling;
}

/** The end of a log at the time when a record was given to the disk. */
export interface Mark {
  readonly log: ArcLog;
  readonly generation: number;
  readonly last: number;
}

/** To be given to `kept` when the disk has what the log holds now. */
export function markOf(log: ArcLog): Mark {
  return { log, generation: log.generation, last: log.last };
}

/** The result of a part of a catch-up: see `sync` in messages.ts. */
export type Taken =
  | { readonly status: 'synced' | 'behind' | 'more' }
  | { readonly status: 'install'; readonly catchup: Catchup };

/**
 * Invariants that hold between any two calls:
 * - the epoch only goes up, and everything that belongs to an earlier epoch is void (H6);
 * - the clock is at or above every timestamp held, so a head's new write is after all others;
 * - a log that is not synced in this epoch neither answers nor acknowledges (H5);
 * - a server whose disk has refused a record accepts nothing more.
 */
export class ChainState {
  readonly self: Life;
  readonly clock = new LamportClock();
  #configuration: Configuration | undefined;
  #ring = new Ring([]);
  #hasBegun = false;
  /** Whether the disk has the current configuration. */
  #isKept = false;
  #isFull = false;
  #logByOwner = new Map<NodeId, ArcLog>();
  #positionByOwner = new Map<NodeId, Position>();

  constructor(self: Life) {
    this.self = self;
  }

  /** 0 before the first configuration. */
  get epoch(): number {
    return this.#configuration?.epoch ?? 0;
  }

  get configuration(): Configuration | undefined {
    return this.#configuration;
  }

  /** Whether the disk has refused a record. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** The disk has refused a record. From now on this server accepts no write. */
  refused(): void {
    this.#isFull = true;
  }

  /** Whether this life is in some chain. */
  get isInService(): boolean {
    return this.#positionByOwner.size > 0;
  }

  /** The standing of this server in its configuration, for Membership. */
  get standing(): Standing {
    const positions = [...this.positions()];
    const isInService = positions.length > 0;
    const lacksPositions = this.#lacksPositions;
    return {
      epoch: this.epoch,
      isInService,
      lacksPositions,
      hasPositions:
        !lacksPositions && this.#hasBegun && !positions.some(({ isJoiner }) => isJoiner),
      isSynced: isInService && positions.every(({ log }) => log.isSynced),
      isFull: this.#isFull,
      hasCompany: positions.some(({ chain }) => orderOf(chain).length > 1),
    };
  }

  /** Whether there is a chain that this server should be in, and is not in. */
  get #lacksPositions(): boolean {
    if (!this.isInService) return true;
    const { id } = this.self;
    return this.#ring.ids.some(
      (owner) => this.#ring.holdersOf(owner).includes(id) && !this.#positionByOwner.has(owner),
    );
  }

  /** The number of writes that it holds. */
  get size(): number {
    let size = 0;
    for (const log of this.#logByOwner.values()) size += log.size;
    return size;
  }

  /** The logs of this server, by the owner of their arc, clockwise. */
  get logs(): ReadonlyMap<NodeId, ArcLog> {
    return this.#logByOwner;
  }

  /** What the disk has. To be called before this life adopts a configuration. */
  reportDisk(): DiskReport | null {
    const configuration = this.#configuration;
    if (configuration === undefined) return null;
    const ends = Array.from(this.#logByOwner, ([owner, { last, committed }]) => {
      return { owner, last, committed };
    });
    return { configuration, logs: ends };
  }

  positions(): IterableIterator<Position> {
    return this.#positionByOwner.values();
  }

  /** This server's position in the chain of an arc. Throws ERR_STALE_EPOCH if it has none. */
  position(owner: NodeId): Position {
    const position = this.#positionByOwner.get(owner);
    if (position === undefined) throw staleEpoch(`no part in arc ${owner}`);
    return position;
  }

  /** The owner of the arc that a key is in. Throws ERR_STALE_EPOCH before any configuration. */
  ownerOf(key: string): NodeId {
    if (this.#configuration === undefined) throw staleEpoch('none yet');
    return this.#ring.ownerAt(tokenOfKey(key));
  }

  /** The chain that a key belongs to; undefined before the first configuration. */
  chainOf(key: string): Chain | undefined {
    return this.#configuration === undefined ? undefined : this.chain(this.ownerOf(key));
  }

  /** The chain of an arc; undefined if there is none. */
  chain(arc: NodeId): Chain | undefined {
    return this.#configuration?.chains.find(({ owner }) => owner === arc);
  }

  /** The owners of all arcs, clockwise; none before the first configuration. */
  get arcs(): NodeId[] {
    return (this.#configuration?.chains ?? []).map(({ owner }) => owner);
  }

  /** Whether a position belongs to the current epoch. */
  isCurrent(position: Position): boolean {
    return this.#positionByOwner.get(position.owner) === position;
  }

  /** Throws ERR_STALE_EPOCH unless the message belongs to the current epoch (H6). */
  assertEpoch(epoch: number): void {
    if (epoch === this.epoch) return;
    throw staleEpoch(`${epoch}, and this server is in ${this.epoch}`);
  }

  /** Adopts a later configuration. False, with nothing changed, for any other. */
  adopt(configuration: Configuration): boolean {
    if (configuration.epoch <= this.epoch) return false;
    this.#adopt(configuration, isInService(configuration, this.self));
    return true;
  }

  /** The marks of all logs. */
  marks(): Mark[] {
    return Array.from(this.#logByOwner.values(), markOf);
  }

  /** The disk has what the logs held at the marks. */
  kept(marks: readonly Mark[]): void {
    for (const { log, generation, last } of marks) log.keep(generation, last);
  }

  /**
   * The disk has the configuration of that epoch (`isKept`), or has no room for it. Void if a later
   * configuration was adopted. A head is in sync from now on, not earlier: a head without a
   * successor may acknowledge what it has only when the configuration is on its disk, and must not
   * answer reads before (H5). What is acknowledged is on its disk, also if that is full now.
   */
  begin(isKept: boolean, epoch = this.epoch): void {
    if (epoch !== this.epoch) return;
    this.#hasBegun = true;
    this.#isKept = isKept;
    for (const { predecessor, log } of this.positions()) {
      if (predecessor !== undefined) continue;
      log.keep(log.generation, log.committed);
      log.isSynced = true;
    }
  }

  /** Restores a configuration of an earlier life: its logs, but none of its positions. */
  restore(configuration: Configuration): void {
    this.#adopt(configuration, true);
    this.#positionByOwner.clear();
  }

  /** The log of an arc, for a record on the disk. Created if the configuration needs none. */
  openLog(owner: NodeId): ArcLog {
    const log = this.#logByOwner.get(owner) ?? new ArcLog(this.#ring.arcOf(owner));
    this.#logByOwner.set(owner, log);
    return log;
  }

  /**
   * Accepts a write as the head, with a version above all that it holds. A compare-and-set is
   * compared with the latest write of this log, which may be on its way. A copy of an earlier
   * request gets the same outcome, and needs no record. Throws CallError if this server is not the
   * head in that epoch, if its disk is full, or if the session has given up the request.
   */
  accept(epoch: number, request: Request): Accepted {
    this.assertEpoch(epoch);
    const position = this.position(this.ownerOf(request.key));
    if (position.predecessor !== undefined) throw staleEpoch('not the head');
    const { log } = position;
    const known = log.find(request);
    if (known === 'late') throw new CallError('E_BAD_REQUEST', 'a late copy of an old write');
    if (known !== undefined) return { position, ...known };
    if (this.#isFull) throw new CallError('E_STORAGE');
    const version = { timestamp: this.clock.tick(), origin: this.self };
    const { expected, ...write } = request;
    const held = log.latest(write.key);
    const value = held?.value ?? null;
    const isNoop = expected !== undefined && value !== expected;
    const entry = isNoop ? { ...write, value: null, version, isNoop } : { ...write, version };
    log.push(entry);
    if (!isNoop) return { position, version, entry };
    const found = { value, version: held === undefined ? null : toVersionTuple(held.version) };
    return { position, version, isNoop, entry, found };
  }

  /**
   * The disk of a head has refused a new write. True if no other server can have the write: then it
   * is removed, and certainly not done. A successor may have it: then a later head may acknowledge
   * it.
   */
  retract(position: Position, { version }: Entry): boolean {
    if (position.down !== undefined || !this.isCurrent(position)) return false;
    position.log.retract(version);
    return true;
  }

  /** Our position in that arc. Throws ERR_STALE_EPOCH unless `from` is our predecessor. */
  positionAfter(from: NodeId, epoch: number, arc: NodeId): Position {
    this.assertEpoch(epoch);
    const position = this.position(arc);
    if (position.predecessor !== from) {
      throw staleEpoch(`${from} is not before us`);
    }
    if (this.#isFull) throw new CallError('E_STORAGE');
    return position;
  }

  /** As `ArcLog.append`, in a log that is in sync. Throws E_CLOCK_JUMP, with nothing changed. */
  append(
    { log }: Position,
    base: number,
    entries: readonly Entry[],
  ): readonly Entry[] | 'gap' | 'unsynced' {
    if (!log.isSynced) return 'unsynced';
    for (const { version } of entries) this.clock.witness(version.timestamp);
    return log.append(base, entries);
  }

  /** Takes a part of the predecessor's catch-up, and installs the catch-up when it is whole. */
  take(
    { log, intake }: Position,
    span: Pick<Catchup, 'base' | 'upTo' | 'end'>,
    transfer: number,
    part: SyncPart,
  ): Taken {
    if (log.isSynced) return { status: 'synced' };
    if (span.base > log.committed) return { status: 'behind' };
    const parts = intake.take({ transfer, ...part }, part);
    if (typeof parts === 'string') return { status: 'more' };
    const catchup = unpackParts(span, parts);
    this.install(log, catchup);
    return { status: 'install', catchup };
  }

  /**
   * The disk has the catch-up that was installed as `generation`. If the disk is slow, the
   * predecessor may have sent another catch-up, which is not durable yet: then the answer is
   * `more`.
   */
  installed({ log }: Position, generation: number, isCounted: boolean): 'whole' | 'more' {
    const isLatest = log.generation === generation;
    if (!isLatest && !log.isSynced) return 'more';
    if (isCounted && isLatest) log.isSynced = true;
    return 'whole';
  }

  /** Makes the log equal to the predecessor's. */
  install(log: ArcLog, catchup: Catchup): void {
    this.clock.witness(Math.max(catchup.upTo, catchup.end));
    for (const { version } of catchup.pending) this.clock.witness(version.timestamp);
    log.install(catchup);
  }

  /** The state of our log, for an answer to the predecessor. It counts as told from then on. */
  positionOf({ log, up }: Position): { last: number; committed: number } {
    const { durable, committed, isSynced } = log;
    if (isSynced) up?.told(committed);
    return { last: Math.max(0, durable), committed };
  }

  /** The predecessor, and all before it, have everything up to there on their disks. */
  assured({ up }: Position, upTo: number): void {
    if (up !== undefined) up.durableBefore = Math.max(up.durableBefore, upTo);
  }

  /**
   * Commits what waits for no other server: all that is durable here and before us (H3), if no
   * server after us is counted. Gives the writes; undefined if nothing changed.
   */
  acknowledge({ log, up, down }: Position): readonly Entry[] | undefined {
    if (!log.isSynced || down?.isCounted === true) return undefined;
    return this.#isKept ? log.commit(durableUpTo(log, up)) : undefined;
  }

  /**
   * Whether it is known which writes of that key, or of all keys, are acknowledged. If the disk has
   * no room for the configuration, the former chain may have acknowledged pending writes, unless
   * this disk never had them. They cannot be acknowledged here, because a new run would not know of
   * this configuration.
   */
  isCertain({ log }: Position, key?: string): boolean {
    if (this.#isKept) return true;
    return !log.acknowledgeable.some((entry) => key === undefined || entry.key === key);
  }

  /**
   * The successor says that all servers after us have everything up to `upTo`. Gives the writes
   * that this commits. Void for a position of an earlier epoch (H6).
   */
  acknowledged(position: Position, upTo: number): readonly Entry[] | undefined {
    const { log, down } = position;
    if (!this.isCurrent(position)) return undefined;
    if (!log.isSynced || down?.isCounted !== true) return undefined;
    return log.commit(Math.min(upTo, log.durable));
  }

  /** Handles a `commit`. Throws ERR_STALE_EPOCH if it does not come from the successor. */
  committed(
    from: NodeId,
    epoch: number,
    arc: NodeId,
    upTo: number,
  ): { position: Position; entries: readonly Entry[] | undefined } {
    this.assertEpoch(epoch);
    const position = this.position(arc);
    if (position.successor !== from) throw staleEpoch('not the successor');
    return { position, entries: this.acknowledged(position, upTo) };
  }

  /** Every committed value. */
  *values(): Iterable<readonly [key: string, value: string]> {
    for (const log of this.#logByOwner.values()) yield* this.valuesOf(log);
  }

  *valuesOf(log: ArcLog): Iterable<readonly [key: string, value: string]> {
    for (const { key, value } of log.entries()) if (value !== null) yield [key, value];
  }

  #adopt(configuration: Configuration, isOurs: boolean): void {
    const before = this.#ring;
    const isNewRun = isOfLaterRun(configuration.epoch, this.epoch);
    this.#isKept = false;
    this.#configuration = configuration;
    this.#ring = new Ring(configuration.chains.map(({ owner }) => owner));
    const logs = new Map<NodeId, ArcLog>();
    this.#positionByOwner = new Map();
    for (const chain of configuration.chains) {
      const { owner } = chain;
      const order = isOurs ? orderOf(chain) : [];
      const isInChain = order.includes(this.self.id);
      if (!isInChain && !this.#ring.holdersOf(owner).includes(this.self.id)) continue;
      // A log from an earlier run may differ from the log that the members go on with, or, in a
      // dead chain, the holders. So it is used only by a server that is one of them.
      const heirs = chain.members.length > 0 ? chain.members : chain.holders;
      const isForeign = isNewRun && heirs.length > 0 && !heirs.includes(this.self.id);
      if (isForeign && !isInChain) continue;
      const log = isForeign
        ? new ArcLog(this.#ring.arcOf(owner))
        : this.#logFor(owner, before, isInChain);
      if (log === undefined) continue;
      log.isSynced = false;
      logs.set(owner, log);
      if (isInChain) this.#positionByOwner.set(owner, this.#positionIn(chain, order, log));
    }
    this.#logByOwner = logs;
  }

  /** The part of our former log that covers the arc of `owner`; else a new log, for a position. */
  #logFor(owner: NodeId, before: Ring, isInChain: boolean): ArcLog | undefined {
    const arc = this.#ring.arcOf(owner);
    const former = before.ids.length === 0 ? undefined : before.ownerAt(tokenOfServer(owner));
    const log = former === undefined ? undefined : this.#logByOwner.get(former);
    if (log !== undefined) return log.within(arc);
    return isInChain ? new ArcLog(arc) : undefined;
  }

  #positionIn(chain: Chain, order: readonly NodeId[], log: ArcLog): Position {
    const { owner, members, joiner } = chain;
    const index = order.indexOf(this.self.id);
    const isJoiner = joiner === this.self.id;
    const [predecessor, successor] = [order[index - 1], order[index + 1]];
    const up = predecessor === undefined ? undefined : new Upstream(log, predecessor);
    const isCounted = successor !== joiner;
    return {
      owner,
      chain,
      log,
      predecessor,
      successor,
      isTail: members.at(-1) === this.self.id,
      isJoiner,
      down: successor === undefined ? undefined : new Downstream(log, successor, isCounted, up),
      up,
      intake: new PartIntake(),
    };
  }
}

function unpackParts(
  span: Pick<Catchup, 'base' | 'upTo' | 'end'>,
  parts: readonly SyncPart[],
): Catchup {
  return {
    ...span,
    entries: parts.flatMap(({ entries }) => entries.map(unpackEntry)),
    applied: parts.flatMap(({ applied }) => applied.map(unpackApplied)),
    pending: parts.flatMap(({ pending }) => pending.map(unpackEntry)),
  };
}

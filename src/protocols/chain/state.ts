// One server's part in the chains: its logs, its places in the current configuration, and every
// decision about them. Synchronous, and without a world.
import { LamportClock } from '../../clocks/lamport.ts';
import type { Version } from '../../clocks/version.ts';
import { CallError } from '../../kernel/errors.ts';
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
import { ArcLog, type Catchup, type Entry } from './log.ts';
import { Downstream, Upstream } from './streams.ts';
import { type SyncPart, unpackApplied, unpackEntry } from './wire.ts';

/** Where this server stands in one chain. */
export interface Position {
  readonly owner: NodeId;
  readonly chain: Chain;
  readonly log: ArcLog;
  readonly predecessor: NodeId | undefined;
  readonly successor: NodeId | undefined;
  /** The last that serves. Behind it may come one that is still being brought up to date. */
  readonly isTail: boolean;
  readonly isJoiner: boolean;
  /** What is to be sent to each neighbour in this epoch. */
  readonly down: Downstream | undefined;
  readonly up: Upstream | undefined;
  /** The parts of the predecessor's catch-ups. */
  readonly intake: PartIntake<SyncPart>;
}

export type Request = Omit<Entry, 'version'>;

/** A head's answer to a request: the write that it is, and whether the disk has to keep it now. */
export interface Accepted {
  readonly position: Position;
  readonly version: Version;
  /** Only of a new write. */
  readonly entry?: Entry;
}

/** How far a log went when something was given to the disk. */
export interface Mark {
  readonly log: ArcLog;
  readonly generation: number;
  readonly last: number;
}

/** What a catch-up's part has come to: see `sync` in messages.ts. */
export type Taken =
  | { readonly status: 'synced' | 'behind' | 'more' }
  | { readonly status: 'install'; readonly catchup: Catchup };

/**
 * Promises that hold between any two calls:
 * - the epoch only goes up, and whatever belongs to an earlier one is void (H6);
 * - the clock is at or above every timestamp held, so a head's new write is behind all others;
 * - a log that is not synced in this epoch neither answers nor acknowledges (H5);
 * - a server whose disk has refused a record accepts nothing more.
 */
export class ChainState {
  readonly self: Life;
  readonly clock = new LamportClock();
  #configuration: Configuration | undefined;
  #ring = new Ring([]);
  #hasBegun = false;
  /** Whether the disk has the configuration that we are in. */
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

  /** The disk has refused a record: nothing may be accepted here any more. */
  refused(): void {
    this.#isFull = true;
  }

  /** Whether this life is in some chain. */
  get isInService(): boolean {
    return this.#positionByOwner.size > 0;
  }

  /** How this server stands in its configuration. */
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

  /** Whether there is a chain that this server should be in, and is not. */
  get #lacksPositions(): boolean {
    if (!this.isInService) return true;
    const { id } = this.self;
    return this.#ring.ids.some(
      (owner) => this.#ring.holdersOf(owner).includes(id) && !this.#positionByOwner.has(owner),
    );
  }

  /** How many writes it holds. */
  get size(): number {
    let size = 0;
    for (const log of this.#logByOwner.values()) size += log.size;
    return size;
  }

  /** The arcs that this server has a log of, by owner, clockwise. */
  get logs(): ReadonlyMap<NodeId, ArcLog> {
    return this.#logByOwner;
  }

  /** What the disk remembers, asked before this life has heard of any configuration. */
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

  /** This server's place in the chain of an arc. Throws ERR_STALE_EPOCH if it has none. */
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

  /** The chain of an arc; undefined where there is none. */
  chain(arc: NodeId): Chain | undefined {
    return this.#configuration?.chains.find(({ owner }) => owner === arc);
  }

  /** The owners of all arcs, clockwise; none before the first configuration. */
  get arcs(): NodeId[] {
    return (this.#configuration?.chains ?? []).map(({ owner }) => owner);
  }

  /** Whether a position belongs to the epoch that we are in. */
  isCurrent(position: Position): boolean {
    return this.#positionByOwner.get(position.owner) === position;
  }

  /** Throws ERR_STALE_EPOCH unless the message belongs to the epoch that we are in (H6). */
  assertEpoch(epoch: number): void {
    if (epoch === this.epoch) return;
    throw staleEpoch(`${epoch}, and this server is in ${this.epoch}`);
  }

  /** Takes over a later configuration. False, with nothing changed, for any other. */
  adopt(configuration: Configuration): boolean {
    if (configuration.epoch <= this.epoch) return false;
    this.#adopt(configuration, isInService(configuration, this.self));
    return true;
  }

  /** How far the logs go: to be given to `kept` when the disk has what they hold now. */
  marks(logs: Iterable<ArcLog> = this.#logByOwner.values()): Mark[] {
    return Array.from(logs, (log) => ({ log, generation: log.generation, last: log.last }));
  }

  /** The disk has what the logs held at the marks. */
  kept(marks: readonly Mark[]): void {
    for (const { log, generation, last } of marks) log.keep(generation, last);
  }

  /**
   * The disk has the configuration of that epoch, or has no room for it; a later one makes that
   * void. Now a head is in sync, and not before: what it may have to acknowledge at once, if
   * nothing is after it, it could neither acknowledge nor show (H5). What is acknowledged is on its
   * disk, whatever that has refused since.
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

  /** Takes over a configuration that an earlier life was in: its logs, but none of its places. */
  restore(configuration: Configuration): void {
    this.#adopt(configuration, true);
    this.#positionByOwner.clear();
  }

  /** The log of an arc, which the disk has though no place asks for it. */
  openLog(owner: NodeId): ArcLog {
    const log = this.#logByOwner.get(owner) ?? new ArcLog(this.#ring.arcOf(owner));
    this.#logByOwner.set(owner, log);
    return log;
  }

  /**
   * A new write of a head, with a version above all that it holds; or what became of the same
   * request before, which needs no disk. Throws CallError where this server is not the head in that
   * epoch, where its disk is full, and for a request that its session has given up on.
   */
  accept(epoch: number, request: Request): Accepted {
    this.assertEpoch(epoch);
    const position = this.position(this.ownerOf(request.key));
    if (position.predecessor !== undefined) throw staleEpoch('not the head');
    const { log } = position;
    const known = log.find(request);
    if (known === 'late') throw new CallError('E_BAD_REQUEST', 'a late copy of an old write');
    if (known !== undefined) return { position, version: known };
    if (this.#isFull) throw new CallError('E_STORAGE');
    const version = { timestamp: this.clock.tick(), origin: this.self };
    const entry = { ...request, version };
    log.push(entry);
    return { position, version, entry };
  }

  /** Takes back a new write of a head that its disk has refused, and that went nowhere. */
  retract({ key, version }: Entry): void {
    this.#logByOwner.get(this.ownerOf(key))?.retract(version);
  }

  /** Our position in that arc. Throws ERR_STALE_EPOCH unless `from` is the predecessor there. */
  positionAfter(from: NodeId, epoch: number, arc: NodeId): Position {
    this.assertEpoch(epoch);
    const position = this.position(arc);
    if (position.predecessor !== from) {
      throw staleEpoch(`${from} is not before us`);
    }
    if (this.#isFull) throw new CallError('E_STORAGE');
    return position;
  }

  /** Takes what the predecessor sent after `base`. Throws E_CLOCK_JUMP, with nothing changed. */
  append(
    { log }: Position,
    base: number,
    entries: readonly Entry[],
  ): readonly Entry[] | 'gap' | 'unsynced' {
    if (!log.isSynced) return 'unsynced';
    for (const { version } of entries) this.clock.witness(version.timestamp);
    return log.append(base, entries);
  }

  /** Takes a part of the predecessor's catch-up, and installs that once it is whole. */
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
   * The disk has the catch-up that was installed as `generation`. On a slow disk the predecessor
   * may have asked again since, and what that brought is not durable yet: then it has to go on.
   */
  installed({ log }: Position, generation: number, isCounted: boolean): 'whole' | 'more' {
    const isLatest = log.generation === generation;
    if (!isLatest && !log.isSynced) return 'more';
    if (isCounted && isLatest) log.isSynced = true;
    return 'whole';
  }

  /** Becomes what the predecessor is, as its catch-up says. */
  install(log: ArcLog, catchup: Catchup): void {
    this.clock.witness(Math.max(catchup.upTo, catchup.end));
    for (const { version } of catchup.pending) this.clock.witness(version.timestamp);
    log.install(catchup);
  }

  /** Where our log is, as an answer to the predecessor says it, which then knows it. */
  positionOf({ log, up }: Position): { last: number; committed: number } {
    const { durable, committed, isSynced } = log;
    if (isSynced) up?.told(committed);
    return { last: Math.max(0, durable), committed };
  }

  /**
   * What can be acknowledged without asking: all that is durable here, if nothing after us counts.
   * Gives the writes; undefined if that changed nothing.
   */
  acknowledge({ log, down }: Position): readonly Entry[] | undefined {
    if (!log.isSynced || down?.isCounted === true) return undefined;
    return this.#isKept ? log.commit(log.durable) : undefined;
  }

  /**
   * Whether what is acknowledged of that key, or of all keys, is known. Where the disk has no room
   * for the configuration, what is on its way may have been acknowledged by the former chain, and
   * cannot be here: a new run would not know of this one.
   */
  isCertain({ log }: Position, key?: string): boolean {
    if (this.#isKept) return true;
    return !log.pendingAfter(log.committed).some((entry) => key === undefined || entry.key === key);
  }

  /**
   * The successor says that all after us hold everything up to there. Void for a position of an
   * epoch that is over (H6).
   */
  acknowledged(position: Position, upTo: number): readonly Entry[] | undefined {
    const { log, down } = position;
    if (!this.isCurrent(position)) return undefined;
    if (!log.isSynced || down?.isCounted !== true) return undefined;
    return log.commit(Math.min(upTo, log.durable));
  }

  /** A `commit` of the successor. Throws ERR_STALE_EPOCH if it comes from another server. */
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
      const isPlaced = order.includes(this.self.id);
      if (!isPlaced && !this.#ring.holdersOf(owner).includes(this.self.id)) continue;
      // What an earlier run left here may have gone another way than what others go on with: those
      // who serve the arc or, where nothing does, those who may bring it back.
      const heirs = chain.members.length > 0 ? chain.members : chain.holders;
      const isForeign = isNewRun && heirs.length > 0 && !heirs.includes(this.self.id);
      if (isForeign && !isPlaced) continue;
      const log = isForeign
        ? new ArcLog(this.#ring.arcOf(owner))
        : this.#logFor(owner, before, isPlaced);
      if (log === undefined) continue;
      log.isSynced = false;
      logs.set(owner, log);
      if (isPlaced) this.#positionByOwner.set(owner, this.#positionIn(chain, order, log));
    }
    this.#logByOwner = logs;
  }

  /** The part of the log that we had for the place where `owner` is; a new log for a new part. */
  #logFor(owner: NodeId, before: Ring, isPlaced: boolean): ArcLog | undefined {
    const arc = this.#ring.arcOf(owner);
    const former = before.ids.length === 0 ? undefined : before.ownerAt(tokenOfServer(owner));
    const log = former === undefined ? undefined : this.#logByOwner.get(former);
    if (log !== undefined) return log.within(arc);
    return isPlaced ? new ArcLog(arc) : undefined;
  }

  #positionIn(chain: Chain, order: readonly NodeId[], log: ArcLog): Position {
    const { owner, members, joiner } = chain;
    const index = order.indexOf(this.self.id);
    const isJoiner = joiner === this.self.id;
    const [predecessor, successor] = [order[index - 1], order[index + 1]];
    return {
      owner,
      chain,
      log,
      predecessor,
      successor,
      isTail: members.at(-1) === this.self.id,
      isJoiner,
      down:
        successor === undefined ? undefined : new Downstream(log, successor, successor !== joiner),
      up: predecessor === undefined ? undefined : new Upstream(log, predecessor),
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

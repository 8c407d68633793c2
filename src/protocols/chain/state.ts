// One server's part in the chains: its logs, its places in the current configuration, and every
// decision about them. Synchronous, and without a world.
import { LamportClock } from '../../clocks/lamport.ts';
import type { Version } from '../../clocks/version.ts';
import { CallError } from '../../kernel/errors.ts';
import type { Life, NodeId } from '../../kernel/ids.ts';
import {
  type Chain,
  type Configuration,
  isInService,
  isOfLaterRun,
  orderOf,
} from './configuration.ts';
import { ArcLog, type Catchup, type Entry } from './log.ts';
import { placeOfKey, placeOfServer, Ring } from './ring.ts';

/** Where this server stands in one chain. */
export interface Place {
  readonly owner: NodeId;
  readonly chain: Chain;
  readonly log: ArcLog;
  readonly predecessor: NodeId | undefined;
  readonly successor: NodeId | undefined;
  /** The last that serves. Behind it may come one that is still being brought up to date. */
  readonly isTail: boolean;
  readonly isJoiner: boolean;
  /** A joiner counts when acknowledgements wait for it; until then it is not waited for. */
  isSuccessorCounted: boolean;
}

export type Request = Omit<Entry, 'version'>;

export interface Confirmation {
  readonly question: number;
  readonly epoch: number;
}

/** What a server remembers of a read it has answered, for the invariants. */
export interface AnsweredRead {
  readonly key: string;
  readonly version: Version | undefined;
  readonly epoch: number;
  /** How many questions to the service had been asked when it came. */
  readonly came: number;
  /** Which question confirmed it, counted from 1, and the epoch that this confirmed. */
  readonly confirmation: Confirmation;
}

/**
 * Promises that hold between any two calls:
 * - the epoch only goes up, and whatever belongs to an earlier one is void (H6);
 * - the clock is at or above every timestamp held, so a head's new write is behind all others;
 * - a log that is not synced in this epoch neither answers nor acknowledges (H5).
 */
export class ChainState {
  readonly self: Life;
  readonly clock = new LamportClock();
  lastRead: AnsweredRead | undefined;
  #configuration: Configuration | undefined;
  #ring = new Ring([]);
  #hasBegun = false;
  /** Whether the disk has the configuration that we are in. */
  #isKept = false;
  #logByOwner = new Map<NodeId, ArcLog>();
  #placeByOwner = new Map<NodeId, Place>();

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

  /** Whether the disk has a configuration of this life. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Whether this life is in some chain. */
  get isInService(): boolean {
    return this.#placeByOwner.size > 0;
  }

  /** Whether there is a chain that this server should be in, and is not. */
  get lacksPlaces(): boolean {
    if (!this.isInService) return true;
    const { id } = this.self;
    return this.#ring.ids.some(
      (owner) => this.#ring.holdersOf(owner).includes(id) && !this.#placeByOwner.has(owner),
    );
  }

  /** How many writes it holds. */
  get size(): number {
    let size = 0;
    for (const log of this.#logByOwner.values()) size += log.size;
    return size;
  }

  /** Whether any of the chains that it is in has somebody else. */
  get hasCompany(): boolean {
    return [...this.places()].some(({ chain }) => orderOf(chain).length > 1);
  }

  /** The arcs that this server has a log of, by owner, clockwise. */
  get logs(): ReadonlyMap<NodeId, ArcLog> {
    return this.#logByOwner;
  }

  places(): IterableIterator<Place> {
    return this.#placeByOwner.values();
  }

  /** This server's place in the chain of an arc. Throws ERR_STALE_EPOCH if it has none. */
  place(owner: NodeId): Place {
    const place = this.#placeByOwner.get(owner);
    if (place === undefined) throw new CallError('ERR_STALE_EPOCH', `no part in arc ${owner}`);
    return place;
  }

  /** The owner of the arc that a key is in. Throws ERR_STALE_EPOCH before any configuration. */
  ownerOf(key: string): NodeId {
    if (this.#configuration === undefined) throw new CallError('ERR_STALE_EPOCH', 'none yet');
    return this.#ring.ownerAt(placeOfKey(key));
  }

  /** The chain that a key belongs to; undefined before the first configuration. */
  chainOf(key: string): Chain | undefined {
    if (this.#configuration === undefined) return undefined;
    const owner = this.ownerOf(key);
    return this.#configuration.chains.find((chain) => chain.owner === owner);
  }

  /** Throws ERR_STALE_EPOCH unless the message belongs to the epoch that we are in (H6). */
  assertEpoch(epoch: number): void {
    if (epoch === this.epoch) return;
    throw new CallError('ERR_STALE_EPOCH', `${epoch}, and this server is in ${this.epoch}`);
  }

  /** Takes over a later configuration. False, with nothing changed, for any other. */
  adopt(configuration: Configuration): boolean {
    if (configuration.epoch <= this.epoch) return false;
    this.#adopt(configuration, isInService(configuration, this.self));
    return true;
  }

  /**
   * The disk has the configuration, or has no room for it. Now a head is in sync, and not before:
   * what it may have to acknowledge at once, if nobody is behind it, it could neither acknowledge
   * nor show (H5). What is acknowledged is on its disk, whatever that has refused since.
   */
  begin(isKept: boolean): void {
    this.#hasBegun = true;
    this.#isKept = isKept;
    for (const { predecessor, log } of this.places()) {
      if (predecessor !== undefined) continue;
      log.keep(log.generation, log.committed);
      log.isSynced = true;
    }
  }

  /** Takes over a configuration that an earlier life was in: its logs, but none of its places. */
  restore(configuration: Configuration): void {
    this.#adopt(configuration, true);
    this.#placeByOwner.clear();
  }

  /** The log of an arc, which the disk has though no place asks for it. */
  openLog(owner: NodeId): ArcLog {
    const log = this.#logByOwner.get(owner) ?? new ArcLog(this.#ring.arcOf(owner));
    this.#logByOwner.set(owner, log);
    return log;
  }

  /**
   * A new write of a head, with a version above all that it holds; or what became of the same
   * request before. Throws CallError for a request that its session has given up on.
   */
  accept({ log }: Place, request: Request): { entry?: Entry; version: Version } {
    const known = log.find(request);
    if (known === 'late') throw new CallError('E_BAD_REQUEST', 'a late copy of an old write');
    if (known !== undefined) return { version: known };
    const version = { timestamp: this.clock.tick(), origin: this.self };
    const entry = { ...request, version };
    log.push(entry);
    return { entry, version };
  }

  /** Takes back a new write of a head that its disk has refused, and that went nowhere. */
  retract({ key, version }: Entry): void {
    this.#logByOwner.get(this.ownerOf(key))?.retract(version);
  }

  /** Takes what the predecessor sent behind `base`. Throws E_CLOCK_JUMP, with nothing changed. */
  append({ log }: Place, base: number, entries: readonly Entry[]): readonly Entry[] | 'gap' {
    for (const { version } of entries) this.clock.witness(version.timestamp);
    return log.append(base, entries);
  }

  /** Becomes what the predecessor is, as its catch-up says. */
  install(log: ArcLog, catchup: Catchup): void {
    this.clock.witness(Math.max(catchup.upTo, catchup.end));
    for (const { version } of catchup.pending) this.clock.witness(version.timestamp);
    log.install(catchup);
  }

  /**
   * What can be acknowledged without asking anybody: all that is durable here, if nobody behind us
   * counts. True if that changed something.
   */
  acknowledge({ log, successor, isSuccessorCounted }: Place): boolean {
    if (!log.isSynced || (successor !== undefined && isSuccessorCounted)) return false;
    return this.#isKept && log.commit(log.durable);
  }

  /**
   * Whether what is acknowledged of that key, or of all keys, is known. Where the disk has no room
   * for the configuration, what is on its way may have been acknowledged by the former chain, and
   * cannot be here: a new run would not know of this one.
   */
  isCertain({ log }: Place, key?: string): boolean {
    if (this.#isKept) return true;
    return !log.pendingAfter(log.committed).some((entry) => key === undefined || entry.key === key);
  }

  /** The successor says that everything up to there is held by all behind us. */
  acknowledged({ log, isSuccessorCounted }: Place, upTo: number): boolean {
    if (!log.isSynced || !isSuccessorCounted) return false;
    return log.commit(Math.min(upTo, log.durable));
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
    this.#placeByOwner = new Map();
    for (const chain of configuration.chains) {
      const { owner } = chain;
      const order = isOurs ? orderOf(chain) : [];
      const isPlaced = order.includes(this.self.id);
      if (!isPlaced && !this.#ring.holdersOf(owner).includes(this.self.id)) continue;
      // What an earlier run left here, where others go on, may have gone another way than theirs.
      const isForeign =
        isNewRun && chain.members.length > 0 && !chain.members.includes(this.self.id);
      if (isForeign && !isPlaced) continue;
      const log = isForeign
        ? new ArcLog(this.#ring.arcOf(owner))
        : this.#logFor(owner, before, isPlaced);
      if (log === undefined) continue;
      log.isSynced = false;
      logs.set(owner, log);
      if (isPlaced) this.#placeByOwner.set(owner, this.#placeIn(chain, order, log));
    }
    this.#logByOwner = logs;
  }

  /** The part of the log that we had for the place where `owner` is; a new log for a new part. */
  #logFor(owner: NodeId, before: Ring, isPlaced: boolean): ArcLog | undefined {
    const arc = this.#ring.arcOf(owner);
    const former = before.ids.length === 0 ? undefined : before.ownerAt(placeOfServer(owner));
    const log = former === undefined ? undefined : this.#logByOwner.get(former);
    if (log !== undefined) return log.within(arc);
    return isPlaced ? new ArcLog(arc) : undefined;
  }

  #placeIn(chain: Chain, order: readonly NodeId[], log: ArcLog): Place {
    const { owner, members, joiner } = chain;
    const index = order.indexOf(this.self.id);
    const isJoiner = joiner === this.self.id;
    const successor = order[index + 1];
    return {
      owner,
      chain,
      log,
      predecessor: order[index - 1],
      successor,
      isTail: members.at(-1) === this.self.id,
      isJoiner,
      isSuccessorCounted: successor !== joiner,
    };
  }
}

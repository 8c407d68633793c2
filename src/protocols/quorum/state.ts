// The state of a quorum server, and every decision that hangs on it: who coordinates, who has to
// have a write, whether an operation is refused. Synchronous, without Env.
//
// What holds between any two calls:
//   a the clock is at or above the timestamp of every write that the store or a hint has
//   b the store has only keys that this server is a replica of; hints are no data
//   c the store of a key never goes back, and no tombstone that was collected is undone
import type { CausalContext } from '../../clocks/causalContext.ts';
import { CLOCK_JUMP, LamportClock } from '../../clocks/lamport.ts';
import { compareVersions } from '../../clocks/version.ts';
import { CallError } from '../../kernel/errors.ts';
import type { Life, NodeId } from '../../kernel/ids.ts';
import { type Hint, HintTable } from '../../replication/hints.ts';
import { Candidates, type Choice, type Lists, planOf } from './candidates.ts';
import { Contexts, checkContext, checkSize } from './contexts.ts';
import { Debts } from './debts.ts';
import { noRing, unavailable } from './errors.ts';
import { countOf, type Level, possibleCountOf } from './levels.ts';
import { Liveness } from './liveness.ts';
import type { Settings } from './options.ts';
import { PendingRead } from './pendingRead.ts';
import { PendingWrite, type Target } from './pendingWrite.ts';
import { canGrow, QuorumRing, type RingSpec } from './ring.ts';
import { Store } from './store.ts';
import { newestOf, supersedes, type Write } from './write.ts';

export class QuorumState {
  readonly self: Life;
  readonly settings: Settings;
  readonly clock = new LamportClock();
  readonly store = new Store();
  readonly hints = new HintTable<Write>(supersedes);
  readonly debts = new Debts();
  readonly liveness: Liveness;
  #ring: QuorumRing | undefined;
  /** The members whose data this one has to copy before it counts for reads. */
  #uncopied = new Set<NodeId>();
  readonly #contexts = new Contexts();

  constructor(self: Life, settings: Settings) {
    this.self = self;
    this.settings = settings;
    this.liveness = new Liveness(settings.suspectsOnError);
  }

  /** Undefined before it is fixed, or while this server has not heard of it. */
  get ring(): QuorumRing | undefined {
    return this.#ring;
  }

  /** Throws ERR_STALE_RING if this server has another ring than that one. */
  checkRing(number: number): void {
    if (this.#ring?.number !== number) throw new CallError('ERR_STALE_RING', `${number}`);
  }

  /** Throws ERR_NO_RING. */
  ringOrRefuse(): QuorumRing {
    if (this.#ring === undefined) throw noRing('this server has no ring');
    return this.#ring;
  }

  /**
   * Takes over a ring with a greater number. `isComplete`: this server has missed nothing since the
   * ring was fixed, or has it in its log. Copies of keys that belong to others are dropped: these
   * have them, or the ring would not have come so far.
   */
  adopt(spec: RingSpec, isComplete: boolean): void {
    if (spec.number <= (this.#ring?.number ?? 0)) return;
    this.#ring = new QuorumRing(spec);
    const isBehind = this.isMember && !isComplete;
    this.#uncopied = new Set(isBehind ? this.#ring.neighboursOf(this.self.id) : []);
    this.store.place(this.#ring, this.self.id);
    this.hints.readdress((owner, key) => this.#ownersOf(owner, key));
  }

  /** Whether this server is complete under a new ring. A newcomer copies anew in each step. */
  isCompleteOn(spec: RingSpec): boolean {
    const ring = new QuorumRing(spec);
    if (ring.newcomer === this.self.id) return false;
    if (this.#ring === undefined) return ring.isFounder(this.self);
    return this.isMember && this.isComplete;
  }

  /** Whether the ring is growing by this server. */
  get isNewcomer(): boolean {
    return this.#ring?.newcomer === this.self.id;
  }

  /** Whether this server is to become a member, and has to wait for another newcomer. */
  get isWaiting(): boolean {
    return this.#ring !== undefined && canGrow(this.#ring.spec) && !this.isMember;
  }

  get isMember(): boolean {
    return this.#ring?.isMember(this.self.id) === true;
  }

  /** The members that this one still has to copy from, by ascending id. */
  get uncopied(): readonly NodeId[] {
    return [...this.#uncopied];
  }

  /** Whether this member counts for reads: one that lost its data does not before it has copied. */
  get isComplete(): boolean {
    return this.#uncopied.size === 0;
  }

  /** This server has all that the other one has. */
  copied(from: NodeId): void {
    this.#uncopied.delete(from);
  }

  completed(): void {
    this.#uncopied.clear();
  }

  /** Whether writes of the key go to this server. */
  isReplica(key: string): boolean {
    return this.isHolder(this.self.id, key);
  }

  /** Whether writes of the key go to that server. */
  isHolder(id: NodeId, key: string): boolean {
    return this.#ring?.holdersOf(key).includes(id) === true;
  }

  isAlive(id: NodeId): boolean {
    return id === this.self.id || this.liveness.isAlive(id);
  }

  /** The servers that gossip may ping: the other members, or all servers while there is no ring. */
  get pinged(): NodeId[] {
    return this.liveness.linked.filter((id) => this.#ring?.isMember(id) !== false);
  }

  /** The members that share keys with this one and are believed alive, by ascending id. */
  get healthyNeighbours(): NodeId[] {
    const neighbours = this.#ring?.neighboursOf(this.self.id) ?? [];
    return neighbours.filter((id) => this.isAlive(id));
  }

  /** The members that this server believes to be dead. */
  get suspected(): NodeId[] {
    return (this.#ring?.members ?? []).filter((id) => !this.isAlive(id));
  }

  /**
   * Where a request is coordinated: here, if this server is among the first N healthy ones of the
   * key, or else at one of these, in that order.
   */
  route(key: string): 'here' | readonly NodeId[] {
    const ring = this.ringOrRefuse();
    const healthy = ring.preferenceOf(key).filter((id) => this.isAlive(id));
    const first = healthy.slice(0, ring.n);
    if (first.includes(this.self.id)) return 'here';
    if (first.length === 0) throw unavailable(1, 0);
    return first;
  }

  /**
   * The servers to ask before a request is refused: those that are suspected and linked, if too few
   * others are believed alive.
   */
  doubtful(kind: 'read' | 'write', key: string, level: Level | null): NodeId[] {
    const candidates = kind === 'read' ? this.#readersOf(key) : this.#writersOf(key);
    const needed = countOf(level ?? this.settings[kind], this.ringOrRefuse().n);
    if (candidates.reachOf((id) => this.isAlive(id)) >= needed) return [];
    return candidates.all.filter((id) => !this.isAlive(id) && this.liveness.isLinked(id));
  }

  /**
   * Begins a write as its coordinator, above every version that this server has heard of. Throws
   * ERR_LEVEL if the level asks for more replicas than the ring has, ERR_UNAVAILABLE if it asks for
   * more than are believed alive, and the errors of contexts.ts. `known`: the writes of the key
   * that the session has read or made, which the new one replaces.
   */
  beginWrite(
    { key, value, known }: { key: string; value: string | null; known: CausalContext },
    level: Level | null,
  ): PendingWrite {
    checkContext(known, this.clock.time);
    const chosen = this.#choose(this.#writersOf(key), level ?? this.settings.write);
    const version = { timestamp: this.clock.tick(), origin: this.self };
    const context = this.hasSiblings ? this.#contexts.of(key, version, known) : null;
    const write = { key, value, version, context };
    if (this.hasSiblings) checkSize(write, this.store.find(key));
    return new PendingWrite(write, planOf(chosen));
  }

  /** The ring has changed since the write began. Suspected servers are called too: it exists. */
  moveWrite(pending: PendingWrite, refused: Target): Target[] {
    const { key } = pending.write;
    const isLinked = (id: NodeId): boolean => id === this.self.id || this.liveness.isLinked(id);
    return pending.moved(planOf(this.#writersOf(key).choose(pending.needed, isLinked)), refused);
  }

  /** Whether writes that no session has ordered are kept beside each other. */
  get hasSiblings(): boolean {
    return this.#ring?.spec.versions === 'vector';
  }

  /** As `beginWrite`, for a read. The replicas are asked in list order. */
  beginRead(key: string, level: Level | null): PendingRead {
    const chosen = this.#choose(this.#readersOf(key), level ?? this.settings.read);
    return new PendingRead(chosen.needed, chosen.called, chosen.spares);
  }

  #choose(candidates: Candidates, level: Level): Choice {
    const needed = possibleCountOf(level, this.ringOrRefuse().n);
    const isAlive = (id: NodeId): boolean => this.isAlive(id);
    const reach = candidates.reachOf(isAlive);
    if (reach < needed) throw unavailable(needed, reach);
    return candidates.choose(needed, isAlive);
  }

  #readersOf(key: string): Candidates {
    return this.#candidates(key, [this.ringOrRefuse().replicasOf(key)]);
  }

  #writersOf(key: string): Candidates {
    return this.#candidates(key, this.ringOrRefuse().writeListsOf(key));
  }

  /** The servers that a request may go to: those of the lists, or any with `quorum=sloppy`. */
  #candidates(key: string, lists: Lists): Candidates {
    const ring = this.ringOrRefuse();
    return new Candidates(lists, this.settings.isSloppy ? ring.preferenceOf(key) : null, ring.n);
  }

  /**
   * To be called for a write of a peer for `owner`, before it goes to the log. Throws E_BAD_REQUEST
   * if that is no replica of the key, E_CLOCK_JUMP for an absurd timestamp.
   */
  check({ key, version }: Write, owner: NodeId): void {
    if (!this.isHolder(owner, key)) throw new CallError('E_BAD_REQUEST', 'no replica of the key');
    this.clock.check(version.timestamp);
  }

  /** Takes over a time that was checked before, or is in the log. */
  raise(time: number): void {
    while (time - this.clock.time > CLOCK_JUMP) this.clock.witness(this.clock.time + CLOCK_JUMP);
    this.clock.witness(time);
  }

  /** Removes the tombstones up to that timestamp, and what is remembered for their keys only. */
  collect(floor: number): void {
    this.raise(floor);
    this.store.collect(floor);
    this.#contexts.forget(floor, (key) => this.store.find(key).length > 0);
  }

  /** What this replica has of a key, or keeps for others as a stand-in. Throws ERR_NOT_COPIED. */
  read(key: string): readonly Write[] {
    if (!this.isComplete) throw new CallError('ERR_NOT_COPIED', `server ${this.self.id}`);
    return this.isReplica(key) || !this.settings.isSloppy
      ? this.store.find(key)
      : newestOf(this.hints.ofKey(key));
  }

  /** With `quorum=sloppy`: the newest writes of the keys that this server keeps for others only. */
  *standIns(): Generator<Write> {
    if (!this.settings.isSloppy) return;
    const others = this.hints.keys.filter((key) => !this.isReplica(key));
    for (const key of others) yield* newestOf(this.hints.ofKey(key));
  }

  /**
   * Merges a write into the store, unless this server is no replica of its key. `isCopy`: another
   * replica's store has it.
   */
  keep(write: Write, isCopy: boolean): void {
    this.raise(write.version.timestamp);
    const isRefused = !isCopy && this.store.isBelowFloor(write);
    if (!isRefused && this.isReplica(write.key)) this.store.merge(write);
  }

  keepHint({ owner, write }: Hint<Write>): void {
    this.raise(write.version.timestamp);
    for (const id of this.#ownersOf(owner, write.key)) this.hints.add({ owner: id, write });
  }

  /** All calls for that write have ended. It is owed to all but these servers. */
  settle({ key, version }: Pick<Write, 'key' | 'version'>, paid: readonly NodeId[]): void {
    for (const hint of this.debts.settle(version, paid)) this.keepHint(hint);
    const isIt = (kept: Write): boolean => compareVersions(kept.version, version) === 0;
    for (const owner of paid) this.hints.remove(owner, key, isIt);
  }

  /**
   * A hint for a server that the key no longer belongs to is for all that it belongs to. While the
   * ring grows, each hint is for the newcomer too: the server may get it after the newcomer has
   * copied from it, and drop the key soon.
   */
  #ownersOf(owner: NodeId, key: string): readonly NodeId[] {
    const holders = this.#ring?.holdersOf(key) ?? [owner];
    if (!holders.includes(owner)) return holders;
    const newcomer = this.isNewcomer ? undefined : this.#ring?.newcomer;
    return holders.filter((id) => id === owner || id === newcomer);
  }
}

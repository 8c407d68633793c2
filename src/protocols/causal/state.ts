// One server's store and every decision about it: which write wins, what a peer lacks, what may be
// answered. Synchronous, without network, disk or timers.
import { LamportClock } from '../../clocks/lamport.ts';
import { compareVersions, type Version } from '../../clocks/version.ts';
import { VersionVector } from '../../clocks/versionVector.ts';
import { CallError } from '../../kernel/errors.ts';
import type { VectorTuples } from '../../kernel/history.ts';
import { type Life, lifeKey } from '../../kernel/ids.ts';
import { type AnsweredRequest, SessionTable } from '../../replication/sessionTable.ts';
import { AcceptedLog } from './acceptedLog.ts';
import { type Entry, HeldEntry } from './entry.ts';
import { Rounds } from './round.ts';
import type { TransferVectors } from './transfer.ts';

/**
 * The version of a write, or why it has none: `stale` if the server has not applied all that the
 * session demands, `refused` if the server is not bootstrapped.
 */
export type WriteOutcome = Version | 'stale' | 'refused';

/**
 * Invariants that hold between any two calls:
 * - the clock is at or above every timestamp held (C1);
 * - for every write that `applied` includes, the store holds for its key that write or a greater
 *   one, or the key's deletion was collected;
 * - the writes that `applied` includes are closed: with each write, they include all that its
 *   origin had applied when it accepted the write (C7; Terry et al., "Managing Update Conflicts in
 *   Bayou", SOSP 1995, section 4: the prefix property).
 */
export class CausalState {
  readonly self: Life;
  readonly clock = new LamportClock();
  readonly applied = new VersionVector();
  /** The rounds of stabilize that it takes part in. */
  readonly rounds = new Rounds();
  /**
   * Includes each deletion that `applied` includes and whose tombstone was collected, here or at a
   * server from which this one has taken over writes. So if a key has no entry, the write that
   * decides this is one of these, or the key was never written.
   */
  readonly collected = new VersionVector();
  /** Up to which vector tombstones were collected last, and in which round of stabilize. */
  lastCollection: { readonly round: number; readonly upTo: VersionVector } | undefined;
  #isBootstrapped = false;
  readonly #entryByKey = new Map<string, HeldEntry>();
  readonly #deletedKeys = new Set<string>();
  readonly #logByLife = new Map<number, AcceptedLog>();
  readonly #answered = new SessionTable<WriteOutcome>();

  constructor(self: Life) {
    this.self = self;
  }

  /**
   * Whether this server's clock is at or above every tombstone that any server has collected. True
   * for the first server of a run, for each server that a bootstrapped one has answered since it
   * joined, and for the root of a round that reached every server. Only bootstrapped servers send
   * writes, so a server that has applied one is bootstrapped.
   */
  get isBootstrapped(): boolean {
    return this.#isBootstrapped || this.applied.toTuples().length > 0;
  }

  completeBootstrap(): void {
    this.#isBootstrapped = true;
  }

  /**
   * Accepts a write of a session and gives its version, which is above every version that the
   * session and this server have seen; or refuses it as `stale`. The same `seq` again gives the
   * same outcome and changes nothing (G7): a copy of a refused write may arrive after this server
   * has caught up, when the session knows already that the write did not happen. An earlier `seq`
   * is a late copy of a request that the session has given up, and gives undefined. `origin`
   * differs from `self` only while a log is restored.
   */
  write(
    session: Life,
    seq: number,
    { key, value }: Pick<Entry, 'key' | 'value'>,
    guard: VersionVector | null = null,
    origin: Life = this.self,
  ): WriteOutcome | undefined {
    return this.#once(session, seq, () => {
      if (!this.hasSeen(guard)) return 'stale';
      // One object for all writes of a life: a store may hold millions.
      const version = { timestamp: this.clock.tick(), origin: this.#logOf(origin).life };
      this.#install({ key, value, version });
      this.applied.advance(origin, version.timestamp);
      return version;
    });
  }

  /** The vectors that go with what a peer takes over from this server. */
  vectors(): TransferVectors {
    return { applied: this.applied.toTuples(), collected: this.collected.toTuples() };
  }

  /** Whether this write of a session, or a later one, has an outcome. */
  hasAnswered(session: Life, seq: number): boolean {
    return this.#answered.find({ session, seq }) !== undefined;
  }

  /** The outcome of the write; undefined for a late copy of one that the session has given up. */
  answerTo(session: Life, seq: number): WriteOutcome | undefined {
    const known = this.#answered.find({ session, seq });
    return known === 'late' ? undefined : known?.outcome;
  }

  /** Refuses a write for good, unless it has an outcome already. Gives the outcome. */
  refuse(session: Life, seq: number): WriteOutcome | undefined {
    return this.#once(session, seq, () => 'refused');
  }

  /** Terry et al., PDIS 1994, section 4: the server's vector dominates the session's. */
  hasSeen(guard: VersionVector | null): boolean {
    return guard === null || this.applied.dominates(guard);
  }

  /** The winning write of a key; undefined if none is known or its deletion was collected. */
  read(key: string): Entry | undefined {
    return this.#entryByKey.get(key);
  }

  /**
   * The winning writes that a server with `vector` lacks, in causal order. The time is proportional
   * to what is found, not to the store. Superseded writes are not included: the receiver's vector
   * covers them after the transfer.
   */
  entriesBeyond(vector: VersionVector): Entry[] {
    const found: HeldEntry[] = [];
    for (const log of this.#logByLife.values()) log.addBeyond(vector.at(log.life), found);
    return isInOrder(found) ? found : found.sort((a, b) => compareVersions(a.version, b.version));
  }

  /**
   * Applies a peer's transfer: `entries` are all writes that the peer held beyond `since`, in
   * causal order; `applied` and `collected` are the peer's vectors. False, with nothing changed, if
   * this server does not include `since`: writes in between would be missing. Throws CallError,
   * with nothing changed, on a malformed transfer.
   */
  merge(
    since: VersionVector,
    entries: readonly Entry[],
    applied: VersionVector,
    collected = new VersionVector(),
  ): boolean {
    this.checkTransfer(entries, applied);
    if (!this.applied.dominates(since)) return false;
    this.clock.witness(latestOf(applied));
    for (const entry of entries) {
      if (this.applied.covers(entry.version)) continue;
      const held = this.#entryByKey.get(entry.key);
      if (held === undefined || compareVersions(entry.version, held.version) > 0) {
        this.#install(entry);
      }
    }
    this.applied.merge(applied);
    this.collected.merge(collected);
    return true;
  }

  /** Throws CallError E_BAD_REQUEST if entries are out of order, or beyond `applied`. */
  checkTransfer(entries: readonly Entry[], applied: VersionVector): void {
    let last: Version | undefined;
    for (const { version } of entries) {
      if (last !== undefined && compareVersions(last, version) >= 0) {
        throw new CallError('E_BAD_REQUEST', 'entries out of order');
      }
      if (!applied.covers(version)) {
        throw new CallError('E_BAD_REQUEST', 'an entry beyond `applied`');
      }
      last = version;
    }
  }

  /** Restores the winning writes of a snapshot, in causal order. */
  adopt(entries: readonly Entry[]): void {
    for (const entry of entries) this.#install(entry);
  }

  /** Remembers the latest write of a session and its outcome. */
  adoptSession(session: Life, seq: number, outcome: WriteOutcome): void {
    this.#answered.remember({ session, seq }, outcome);
  }

  /** The latest write of each session, and its outcome. */
  sessions(): IterableIterator<AnsweredRequest<WriteOutcome>> {
    return this.#answered.requests();
  }

  /** The number of keys with a write, tombstones included. */
  get size(): number {
    return this.#entryByKey.size;
  }

  /** Whether the store has a tombstone inside `vector`. */
  hasDeletions(vector = this.applied): boolean {
    for (const key of this.#deletedKeys) {
      if (vector.covers((this.#entryByKey.get(key) as Entry).version)) return true;
    }
    return false;
  }

  /**
   * Collects the tombstones inside `upTo`, and gives their number. Only sound after rounds that
   * have reached every server: tombstoneCollection.ts decides.
   */
  collect(round: number, upTo: VersionVector): number {
    this.lastCollection = { round, upTo };
    const before = this.#deletedKeys.size;
    for (const key of this.#deletedKeys) {
      const entry = this.#entryByKey.get(key) as HeldEntry;
      if (!upTo.covers(entry.version)) continue;
      this.collected.advance(entry.version.origin, entry.version.timestamp);
      this.#deletedKeys.delete(key);
      this.#entryByKey.delete(key);
      this.#logOf(entry.version.origin).supersede(entry);
    }
    return before - this.#deletedKeys.size;
  }

  *values(): Iterable<readonly [key: string, value: string]> {
    for (const { key, value } of this.#entryByKey.values()) {
      if (value !== null) yield [key, value];
    }
  }

  /** Every winning write, tombstones included, in no order. */
  entries(): IterableIterator<Entry> {
    return this.#entryByKey.values();
  }

  #once(session: Life, seq: number, decide: () => WriteOutcome): WriteOutcome | undefined {
    if (this.hasAnswered(session, seq)) return this.answerTo(session, seq);
    const outcome = decide();
    this.adoptSession(session, seq, outcome);
    return outcome;
  }

  #install({ key, value, version }: Entry): void {
    const superseded = this.#entryByKey.get(key);
    // The string of the held key is used again: it has its hash, and repeated writes share it.
    const entry = new HeldEntry(superseded?.key ?? key, value, version);
    this.#entryByKey.set(entry.key, entry);
    if (value === null) this.#deletedKeys.add(entry.key);
    else if (superseded?.value === null) this.#deletedKeys.delete(entry.key);
    this.#logOf(version.origin).append(entry);
    if (superseded !== undefined) this.#logOf(superseded.version.origin).supersede(superseded);
  }

  #logOf(origin: Life): AcceptedLog {
    const key = lifeKey(origin);
    let log = this.#logByLife.get(key);
    if (log === undefined) {
      log = new AcceptedLog(origin);
      this.#logByLife.set(key, log);
    }
    return log;
  }
}

/** The latest timestamp in a vector. No entry of the same transfer is later. */
function latestOf(vector: VersionVector): number {
  const tuples = vector.toTuples();
  let latest = 0;
  for (let index = 0; index < tuples.length; index += 1) {
    latest = Math.max(latest, (tuples[index] as VectorTuples[number])[2]);
  }
  return latest;
}

function isInOrder(entries: readonly Entry[]): boolean {
  for (let index = 1; index < entries.length; index += 1) {
    const [before, after] = [entries[index - 1] as Entry, entries[index] as Entry];
    if (compareVersions(before.version, after.version) > 0) return false;
  }
  return true;
}

// One server's store and every decision about it: what wins, what a peer lacks, what may be
// answered. Synchronous, and without a world: everything here can be tested with plain calls.
import { LamportClock } from '../../clocks/lamport.ts';
import { compareVersions, type Version } from '../../clocks/version.ts';
import { VersionVector } from '../../clocks/versionVector.ts';
import { assert, CallError } from '../../kernel/errors.ts';
import { type Life, lifeKey } from '../../kernel/ids.ts';
import { type AnsweredRequest, SessionTable } from '../../replication/sessionTable.ts';
import { type Entry, HeldEntry } from './entry.ts';
import { Rounds } from './round.ts';

/**
 * The version that a write got; or why it has none: `stale` if the session demands more than the
 * server has applied, `refused` by a server that is not acquainted.
 */
export type WriteOutcome = Version | 'stale' | 'refused';

/**
 * The entries that one life accepted, by timestamp. Beaten ones stay until they are the majority.
 */
interface AcceptedLog {
  readonly life: Life;
  entries: HeldEntry[];
  beaten: number;
}

/**
 * Promises that hold between any two calls:
 * - the clock is at or above every timestamp held (C1);
 * - for every write that `applied` includes, the store holds for its key that write or a greater
 *   one, or the key's deletion was collected;
 * - the writes that `applied` includes are closed under the servers' own order: with a write, all
 *   that its origin had applied when it accepted it (C7; Terry et al., "Managing Update Conflicts
 *   in Bayou", SOSP 1995, section 4: the prefix property).
 */
export class CausalState {
  readonly self: Life;
  readonly clock = new LamportClock();
  readonly applied = new VersionVector();
  /** Its part in rounds of stabilize. */
  readonly rounds = new Rounds();
  /** Up to where deletions were last forgotten, and in which round of stabilize. */
  collected: { readonly round: number; readonly upTo: VersionVector } | undefined;
  #isAcquainted = false;
  readonly #entryByKey = new Map<string, HeldEntry>();
  readonly #deletedKeys = new Set<string>();
  readonly #logByLife = new Map<number, AcceptedLog>();
  readonly #answered = new SessionTable<WriteOutcome>();

  constructor(self: Life) {
    this.self = self;
  }

  /**
   * Whether this server's clock is at or above every deletion that any server has forgotten: it was
   * the first, or has heard, since it joined, of a server that is acquainted. Only such a one ever
   * has anything to hand on, so whoever has applied anything is.
   */
  get isAcquainted(): boolean {
    return this.#isAcquainted || this.applied.toTuples().length > 0;
  }

  acquaint(): void {
    this.#isAcquainted = true;
  }

  /**
   * Accepts a write of a session and gives its version, above everything that the session and this
   * server have seen; or `stale`. The same `seq` again gives the same answer and changes nothing
   * (G7): a copy of a refused write may arrive when this server has caught up, long after its
   * session was told that it did not happen. An earlier `seq` is a late copy of what the session
   * has given up on, and gives undefined. `origin` is another life only when its log is read.
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

  /** Whether this write of a session, or a later one, has had its answer. */
  hasAnswered(session: Life, seq: number): boolean {
    return this.#answered.find({ session, seq }) !== undefined;
  }

  /** The answer that it had; undefined for a late copy of what the session has given up on. */
  answerTo(session: Life, seq: number): WriteOutcome | undefined {
    const known = this.#answered.find({ session, seq });
    return known === 'late' ? undefined : known?.outcome;
  }

  /** Refuses a write, for good, unless it has had an answer already. Gives the answer. */
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
   * Everything that whoever has applied `vector` lacks, in causal order. Costs what is found, not
   * what is stored. Losers of last-writer-wins are not in it: the vector covers them.
   */
  entriesBeyond(vector: VersionVector): Entry[] {
    const found: Entry[] = [];
    for (const { life, entries } of this.#logByLife.values()) {
      for (let index = firstBeyond(entries, vector.at(life)); index < entries.length; index += 1) {
        const entry = entries[index] as HeldEntry;
        if (!entry.isBeaten) found.push(entry);
      }
    }
    return isInOrder(found) ? found : found.sort((a, b) => compareVersions(a.version, b.version));
  }

  /**
   * Applies what a peer sent: `entries` are all that it held beyond `since`, in causal order, and
   * `applied` is the vector that one then has. False, with nothing changed, if this server does not
   * include `since`: then it would miss what lies between. Throws CallError, with nothing changed,
   * for a transfer that no peer of this protocol sends.
   */
  merge(since: VersionVector, entries: readonly Entry[], applied: VersionVector): boolean {
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
    return true;
  }

  /** Throws CallError E_BAD_REQUEST for entries out of order, or beyond the vector with them. */
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

  /** Takes back writes that this state had when its log was compacted, in causal order. */
  adopt(entries: readonly Entry[]): void {
    for (const entry of entries) this.#install(entry);
  }

  /** Remembers the latest write of a session and its answer. */
  adoptSession(session: Life, seq: number, outcome: WriteOutcome): void {
    this.#answered.remember({ session, seq }, outcome);
  }

  /** The latest write of each session, and its answer. */
  sessions(): IterableIterator<AnsweredRequest<WriteOutcome>> {
    return this.#answered.requests();
  }

  /** How many keys have a write, deletions included. */
  get size(): number {
    return this.#entryByKey.size;
  }

  /** Whether any deletion inside `vector` is still kept. */
  hasDeletions(vector = this.applied): boolean {
    for (const key of this.#deletedKeys) {
      if (vector.covers((this.#entryByKey.get(key) as Entry).version)) return true;
    }
    return false;
  }

  /**
   * Forgets the deletions inside `upTo`, and says how many that were. Only sound when a round has
   * shown that it is.
   */
  collect(round: number, upTo: VersionVector): number {
    this.collected = { round, upTo };
    const before = this.#deletedKeys.size;
    for (const key of this.#deletedKeys) {
      const entry = this.#entryByKey.get(key) as HeldEntry;
      if (!upTo.covers(entry.version)) continue;
      this.#deletedKeys.delete(key);
      this.#entryByKey.delete(key);
      this.#beat(entry);
    }
    return before - this.#deletedKeys.size;
  }

  *values(): Iterable<readonly [key: string, value: string]> {
    for (const { key, value } of this.#entryByKey.values()) {
      if (value !== null) yield [key, value];
    }
  }

  /** Every winning write, deletions included, in no order. */
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
    const beaten = this.#entryByKey.get(key);
    // The key that is there already has its hash, and a million writes need not keep as many keys.
    const entry = new HeldEntry(beaten?.key ?? key, value, version);
    this.#entryByKey.set(entry.key, entry);
    if (value === null) this.#deletedKeys.add(entry.key);
    else if (beaten?.value === null) this.#deletedKeys.delete(entry.key);
    const log = this.#logOf(version.origin);
    const last = log.entries.at(-1);
    assert(
      last === undefined || last.version.timestamp < version.timestamp,
      "a life's accepted writes arrive in the order of their timestamps",
    );
    log.entries.push(entry);
    if (beaten !== undefined) this.#beat(beaten);
  }

  /** Counts an entry that no longer wins, and sweeps its log once half of it is such. */
  #beat(entry: HeldEntry): void {
    entry.beat();
    const log = this.#logOf(entry.version.origin);
    log.beaten += 1;
    if (log.beaten <= 64 || log.beaten * 2 < log.entries.length) return;
    log.entries = log.entries.filter((kept) => !kept.isBeaten);
    log.beaten = 0;
  }

  #logOf(origin: Life): AcceptedLog {
    const key = lifeKey(origin);
    let log = this.#logByLife.get(key);
    if (log === undefined) {
      log = { life: origin, entries: [], beaten: 0 };
      this.#logByLife.set(key, log);
    }
    return log;
  }
}

/** The latest timestamp that a vector names; no entry that comes with it is later. */
function latestOf(vector: VersionVector): number {
  return vector.toTuples().reduce((latest, [, , timestamp]) => Math.max(latest, timestamp), 0);
}

function isInOrder(entries: readonly Entry[]): boolean {
  for (let index = 1; index < entries.length; index += 1) {
    const [before, after] = [entries[index - 1] as Entry, entries[index] as Entry];
    if (compareVersions(before.version, after.version) > 0) return false;
  }
  return true;
}

/** The index of the first entry with a later timestamp, by bisection. */
function firstBeyond(entries: readonly Entry[], timestamp: number): number {
  let low = 0;
  let high = entries.length;
  const last = entries.at(-1);
  if (last === undefined || last.version.timestamp <= timestamp) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle] as Entry).version.timestamp > timestamp) high = middle;
    else low = middle + 1;
  }
  return low;
}

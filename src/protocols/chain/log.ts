// The log of one arc at one server: of each key the latest write that the whole chain is known to
// have (committed), and after these the writes on their way down the chain (pending). Synchronous.
//
//   committed          pending
//   ...----------------|--w5--w6--w7        timestamps only go up
//                      ^            ^
//              `committed`       `last`     up to `durable`, in between, the disk has everything
import { compareVersions, type Version } from '../../clocks/version.ts';
import { assert } from '../../kernel/errors.ts';
import { type Life, lifeKey } from '../../kernel/ids.ts';
import { type Arc, isInArc, tokenOfKey } from '../../replication/ring.ts';
import { type AnsweredRequest, SessionTable } from '../../replication/sessionTable.ts';

/**
 * One write. A deletion is a write whose value is null. A compare-and-set that has found another
 * value is an entry too, and changes nothing: so its answer waits until all that it has seen is
 * acknowledged, and a copy of the request gets the same answer.
 */
export interface Entry {
  readonly key: string;
  readonly value: string | null;
  readonly version: Version;
  /** The session that asked for it, and the number of the request, which applies once (H7). */
  readonly session: Life;
  readonly seq: number;
  readonly isNoop?: true;
}

/** What became of a request. */
export type Outcome = Pick<Entry, 'version' | 'isNoop'>;

/** The latest request of a session that was applied to this arc. */
export interface Applied extends Outcome {
  readonly session: Life;
  readonly seq: number;
}

/** What a log that has everything up to `base` needs to become equal to its predecessor's. */
export interface Catchup {
  readonly base: number;
  readonly upTo: number;
  /**
   * The last timestamp of the predecessor's log. If an arc was split, the write with this timestamp
   * may be in the other part.
   */
  readonly end: number;
  /** The latest committed write of each key that has changed since `base`, by timestamp. */
  readonly entries: readonly Entry[];
  readonly applied: readonly Applied[];
  readonly pending: readonly Entry[];
}

export class ArcLog {
  readonly arc: Arc;
  /** Every write up to this timestamp is held by the whole chain. */
  committed = 0;
  /** The disk may not have later writes yet, so they may not be acknowledged. */
  durable = 0;
  /** Whether it holds, in this epoch, what its predecessor held. A head has no predecessor. */
  isSynced = false;
  /** Counts how often `pending` was replaced: a late confirmation of the disk is void then. */
  generation = 0;
  readonly #entryByKey = new Map<string, Entry>();
  readonly #applied = new SessionTable<Outcome>();
  #pending: Entry[] = [];
  /** The greatest `durable` so far: no write of this log after it is acknowledged. */
  #acknowledgeable = 0;
  /** The log ends here or later, although the write there may belong to another part of the arc. */
  #floor = 0;

  constructor(arc: Arc) {
    this.arc = arc;
  }

  get last(): number {
    const newest = this.#pending.at(-1)?.version.timestamp ?? 0;
    return Math.max(newest, this.committed, this.#floor);
  }

  get size(): number {
    return this.#entryByKey.size + this.#pending.length;
  }

  get pending(): readonly Entry[] {
    return this.#pending;
  }

  /** The committed writes, the latest of each key, in no order. */
  entries(): IterableIterator<Entry> {
    return this.#entryByKey.values();
  }

  /** The committed write of a key. */
  read(key: string): Entry | undefined {
    return this.#entryByKey.get(key);
  }

  /** The entries of a key that are on their way, the oldest first. */
  pendingOf(key: string): Entry[] {
    return this.#pending.filter((entry) => entry.key === key);
  }

  /** The last write of the key in this log, which may be on its way. */
  latest(key: string): Entry | undefined {
    const isWrite = (entry: Entry): boolean => entry.key === key && entry.isNoop !== true;
    return this.#pending.findLast(isWrite) ?? this.read(key);
  }

  /**
   * The outcome of a request; `late` if the session has made a later request here, so that no
   * caller waits for this one; undefined if it is new.
   */
  find({ session, seq }: Pick<Entry, 'session' | 'seq'>): Outcome | 'late' | undefined {
    const name = lifeKey(session);
    const waiting = this.#pending.findLast((entry) => lifeKey(entry.session) === name);
    if (waiting !== undefined && waiting.seq >= seq) {
      return waiting.seq === seq ? outcomeOf(waiting) : 'late';
    }
    const applied = this.#applied.find({ session, seq });
    return typeof applied === 'object' ? applied.outcome : applied;
  }

  /** Adds a write at the end. */
  push(entry: Entry): void {
    assert(entry.version.timestamp > this.last, 'H2: a log only grows at its end');
    this.#pending.push(entry);
  }

  /**
   * Adds writes that follow directly on `base` in the predecessor's log. Gives those that are new
   * here, or `gap` if writes before them are missing.
   */
  append(base: number, entries: readonly Entry[]): readonly Entry[] | 'gap' {
    if (base > this.last) return 'gap';
    const { last } = this;
    const fresh = entries.filter(({ version }) => version.timestamp > last);
    for (const entry of fresh) this.push(entry);
    return fresh;
  }

  /** Removes a pending write, at any position. */
  retract(version: Version): void {
    this.#pending = this.#pending.filter((entry) => compareVersions(entry.version, version) !== 0);
  }

  /** The disk has everything up to `upTo`, if `generation` is still the current one. */
  keep(generation: number, upTo: number): void {
    if (generation !== this.generation || upTo <= this.durable) return;
    this.durable = upTo;
    this.#acknowledgeable = Math.max(this.#acknowledgeable, upTo);
  }

  /**
   * The whole chain has everything up to `upTo`. Gives the writes that become committed by that;
   * undefined if nothing changes.
   */
  commit(upTo: number): readonly Entry[] | undefined {
    if (upTo <= this.committed) return undefined;
    assert(upTo <= this.durable, 'H3: what is committed is on the disk of every member');
    let count = 0;
    for (const entry of this.#pending) {
      if (entry.version.timestamp > upTo) break;
      this.#apply(entry);
      count += 1;
    }
    this.committed = upTo;
    return this.#pending.splice(0, count);
  }

  /** What a log that has everything up to `base` lacks. */
  catchupFrom(base: number): Catchup {
    const isLater = ({ version }: { version: Version }): boolean => version.timestamp > base;
    const entries = [...this.#entryByKey.values()].filter(isLater);
    const applied = Array.from(this.#applied.requests(), toApplied).filter(isLater);
    return {
      base,
      upTo: this.committed,
      end: this.last,
      entries: entries.sort((a, b) => compareVersions(a.version, b.version)),
      applied: applied.sort((a, b) => compareVersions(a.version, b.version)),
      pending: this.pendingAfter(this.committed),
    };
  }

  hasPendingAfter(timestamp: number): boolean {
    return (this.#pending.at(-1)?.version.timestamp ?? 0) > timestamp;
  }

  pendingAfter(timestamp: number): Entry[] {
    return this.#pending.filter(({ version }) => version.timestamp > timestamp);
  }

  /**
   * The pending writes that the tail may have acknowledged, in this epoch or an earlier one: the
   * disk has had them. It may not have them as part of the latest catch-up yet.
   */
  get acknowledgeable(): Entry[] {
    return this.#pending.filter(({ version }) => version.timestamp <= this.#acknowledgeable);
  }

  /**
   * Becomes equal to the predecessor's log. Pending writes that the predecessor does not have were
   * never acknowledged, and are removed. Nothing of it is acknowledged before the disk has it.
   */
  install({ base, upTo, end, entries, applied, pending }: Catchup): void {
    assert(base <= this.committed, 'H5: a catch-up begins where this log ends, or before');
    for (const entry of entries) this.#replace(entry);
    for (const one of applied) this.#applied.remember(one, outcomeOf(one));
    const committed = Math.max(this.committed, upTo);
    this.committed = committed;
    this.#pending = pending.filter(({ version }) => version.timestamp > committed);
    this.#floor = end;
    this.generation += 1;
    this.durable = -1;
  }

  /** The part of this log that lies in a smaller arc. */
  within(arc: Arc): ArcLog {
    if (arc.after === this.arc.after && arc.upTo === this.arc.upTo) return this;
    const part = new ArcLog(arc);
    const isInside = ({ key }: Entry): boolean => isInArc(arc, tokenOfKey(key));
    for (const entry of this.#entryByKey.values()) {
      if (isInside(entry)) part.#entryByKey.set(entry.key, entry);
    }
    for (const one of this.#applied.requests()) part.#applied.remember(one, one.outcome);
    part.#pending = this.#pending.filter(isInside);
    part.#floor = this.last;
    part.committed = this.committed;
    part.durable = this.durable;
    part.#acknowledgeable = this.#acknowledgeable;
    return part;
  }

  #apply(entry: Entry): void {
    if (entry.isNoop !== true) this.#replace(entry);
    this.#applied.remember(entry, outcomeOf(entry));
  }

  #replace(entry: Entry): void {
    const held = this.#entryByKey.get(entry.key);
    if (held === undefined || compareVersions(entry.version, held.version) > 0) {
      this.#entryByKey.set(entry.key, entry);
    }
  }
}

function outcomeOf({ version, isNoop }: Outcome): Outcome {
  return { version, ...(isNoop && { isNoop }) };
}

function toApplied({ session, seq, outcome }: AnsweredRequest<Outcome>): Applied {
  return { session, seq, ...outcome };
}

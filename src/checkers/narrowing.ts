// What the order of causes says already about reads in doubt: which writes such a read cannot have
// read, whatever the other doubts are, and which one it most likely has: one that its session knew
// of, else the one that tells it least news.
import type { Operation } from '../kernel/history.ts';
import { isBefore } from './causalPast.ts';
import { isInitial } from './history.ts';
import { at, type Model, type Readings } from './model.ts';
import { type Doubt, INITIAL } from './readsFrom.ts';
import { createWritesByKey, latestBelow, type WritesByKey } from './writesByKey.ts';

/**
 * By session of a model: what comes before what, as far as that session is concerned, a row of
 * clocks for each operation.
 */
export type ClocksOf = (session: number) => Int32Array;

/** Beyond so many candidates it takes too long to look at each. */
const MOST_CANDIDATES = 2_000_000;
const MOST_ROUNDS = 30;

/**
 * The same history with fewer candidates, the likeliest first; undefined if some doubt has none
 * left. For levels that forbid to read a write of which the session knows a later one of its key.
 * What is decided for one read is certain when the others are looked at again.
 */
export function narrow(
  readings: Readings,
  order: (model: Model) => ClocksOf,
): Readings | undefined {
  let count = 0;
  for (const { candidates } of readings.doubts) {
    count += candidates.length;
    if (count > MOST_CANDIDATES) return readings;
  }
  let narrowed = readings;
  for (let round = 0; round < MOST_ROUNDS && narrowed.doubts.length > 0; round += 1) {
    const narrowing = new Narrowing(narrowed, order(narrowed.certain));
    const doubts = narrowed.doubts.map((doubt) => narrowing.narrow(doubt));
    if (doubts.some(({ candidates }) => candidates.length === 0)) return undefined;
    const before = narrowed.doubts.length;
    narrowed = narrowed.with(doubts);
    if (narrowed.doubts.length === before) break;
  }
  return narrowed;
}

/** A read in doubt, and what is certain of its session; numbers are the model's, -1 is none. */
interface Place {
  readonly key: number;
  /** What comes before it, and after it. */
  readonly before: number;
  readonly after: number;
  /** What the next read of the key has read, if there is one. */
  readonly next: number | undefined;
  readonly clocks: Int32Array;
}

class Narrowing {
  readonly #readings: Readings;
  readonly #model: Model;
  readonly #clocksOf: ClocksOf;
  readonly #index: WritesByKey;
  /** By gathered operation: its number in the model, or -1. */
  readonly #numbers: Int32Array;
  /** By gathered operation: where its session begins, and where it ends. */
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;

  constructor(readings: Readings, clocksOf: ClocksOf) {
    const { operations, starts } = readings.gathered;
    this.#readings = readings;
    this.#model = readings.certain;
    this.#clocksOf = clocksOf;
    this.#index = createWritesByKey(this.#model);
    this.#numbers = new Int32Array(operations.length).fill(-1);
    for (const [op, raw] of this.#model.numbers.entries()) this.#numbers[raw] = op;
    this.#starts = new Int32Array(operations.length);
    this.#ends = new Int32Array(operations.length);
    for (let session = 0; session + 1 < starts.length; session += 1) {
      this.#starts.fill(at(starts, session), starts[session], starts[session + 1]);
      this.#ends.fill(at(starts, session + 1), starts[session], starts[session + 1]);
    }
  }

  narrow(doubt: Doubt): Doubt {
    let left = doubt.candidates;
    let first: Place | undefined;
    for (const read of doubt.reads) {
      const place = this.#placeOf(read);
      if (place === undefined) continue;
      first ??= place;
      left = left.filter((write) => this.#mayRead(place, write));
    }
    const place = first;
    if (place === undefined) return doubt;
    const news = new Map(left.map((write) => [write, this.#newsOf(place, write)]));
    const candidates = [...left].sort((a, b) => (news.get(a) as number) - (news.get(b) as number));
    const { reads, group } = doubt;
    return { reads, group, first: candidates[0] ?? INITIAL, candidates };
  }

  /** Undefined where nothing of its session is certain. */
  #placeOf(read: number): Place | undefined {
    const { gathered } = this.#readings;
    const [before, after] = [this.#previous(read), this.#following(read)];
    const known = before >= 0 ? before : after;
    if (known < 0) return undefined;
    const clocks = this.#clocksOf(at(this.#model.chain, known));
    const key = at(gathered.key, read);
    return { key, before, after, next: this.#nextSource(after, key), clocks };
  }

  /** The operation of the read's session that comes last before it. */
  #previous(raw: number): number {
    for (let other = raw - 1; other >= at(this.#starts, raw); other -= 1) {
      if (this.#isInChain(other)) return at(this.#numbers, other);
    }
    return -1;
  }

  #following(raw: number): number {
    for (let other = raw + 1; other < at(this.#ends, raw); other += 1) {
      if (this.#isInChain(other)) return at(this.#numbers, other);
    }
    return -1;
  }

  /** Unanswered writes are before nothing of their session. */
  #isInChain(raw: number): boolean {
    const isAnswered = this.#readings.gathered.end[raw] !== Number.POSITIVE_INFINITY;
    return isAnswered && at(this.#numbers, raw) >= 0;
  }

  #nextSource(after: number, key: number): number | undefined {
    if (after < 0) return undefined;
    const { key: keys, isWrite, from, starts, chain } = this.#model;
    const end = at(starts, at(chain, after) + 1);
    for (let op = after; op < end; op += 1) {
      if (at(keys, op) === key && at(isWrite, op) === 0) return at(from, op);
    }
    return undefined;
  }

  /** Whether no operation that is certain speaks against it. */
  #mayRead(place: Place, write: number): boolean {
    const { before, after, next, clocks } = place;
    if (write === INITIAL) return !this.#knowsSome(place, () => true);
    // What it is to be read from an earlier run depends on the other reads of the key.
    if (isInitial(this.#readings.gathered.operations[write] as Operation)) return true;
    if (next === INITIAL) return false;
    const [own, last] = this.#lastOf(write);
    if (last < 0) return true;
    const isKnownTo = (earlier: number): boolean => isBefore(this.#model, clocks, earlier, last);
    // It has been written in knowledge of what comes after the read.
    if (after >= 0 && isKnownTo(after)) return false;
    // It is later than what the session reads afterwards.
    if (next !== undefined && next >= 0 && next !== own && isKnownTo(next)) return false;
    // The session knows of a later one.
    const isLater = (other: number): boolean =>
      other !== own && isBefore(this.#model, clocks, own, other);
    return before < 0 || own < 0 || !this.#knowsSome(place, isLater);
  }

  /** Whether the session knows, before the read, of such a write of its key. */
  #knowsSome({ key, before, clocks }: Place, isSuch: (write: number) => boolean): boolean {
    if (before < 0) return false;
    const { chainCount, starts } = this.#model;
    const { groupsOf, groupChain } = this.#index;
    for (let group = at(groupsOf, key); group < at(groupsOf, key + 1); group += 1) {
      const chain = at(groupChain, group);
      const known = at(clocks, before * chainCount + chain);
      const latest = latestBelow(this.#index, group, at(starts, chain) + known);
      if (latest >= 0 && isSuch(latest)) return true;
    }
    return false;
  }

  /** How many operations the session would hear of by reading it. */
  #newsOf({ before, clocks }: Place, write: number): number {
    if (write === INITIAL) return 0;
    const [own, last] = this.#lastOf(write);
    const { chainCount } = this.#model;
    let news = own < 0 ? 1 : 0;
    for (let chain = 0; last >= 0 && chain < chainCount; chain += 1) {
      const known = before < 0 ? 0 : at(clocks, before * chainCount + chain);
      news += Math.max(0, at(clocks, last * chainCount + chain) - known);
    }
    return news;
  }

  /**
   * The write's number, and the last operation in its past: itself or, where it is unanswered and
   * so far unread, what its session did before it.
   */
  #lastOf(write: number): [own: number, last: number] {
    const own = at(this.#numbers, write);
    return [own, own >= 0 ? own : this.#previous(write)];
  }
}

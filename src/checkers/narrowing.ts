// Uses the causal order to narrow the reads in doubt: which writes such a read cannot have
// returned, whatever the other doubts are, and which one is most likely: one that its session
// already knew of, or else the one with the fewest operations new to the session.
import type { Operation } from '../kernel/history.ts';
import { isBefore } from './causalPast.ts';
import { isInitial } from './history.ts';
import { at, type HistoryTable, type Readings } from './historyTable.ts';
import { type Doubt, INITIAL } from './readsFrom.ts';
import { createWritesByKey, latestBelow, type WritesByKey } from './writesByKey.ts';

/** By session of a history table: the order that it knows, a row of clocks for each operation. */
export type ClocksOf = (session: number) => Int32Array;

/** With more candidates than this, checking each one takes too long. */
const MOST_CANDIDATES = 2_000_000;
const MOST_ROUNDS = 30;

/**
 * Removes candidates and sorts the rest, most likely first; undefined if some doubt has none left.
 * For levels that forbid a read to return a write if its session knows a later one of the key. A
 * doubt that is resolved makes more certain in the next round.
 */
export function narrow(
  readings: Readings,
  order: (table: HistoryTable) => ClocksOf,
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

/**
 * A read in doubt and its certain neighbours in the session. Numbers are those of the history
 * table; -1 means none.
 */
interface Place {
  readonly key: number;
  /** The neighbours before and after the read. */
  readonly before: number;
  readonly after: number;
  /** The source of the session's next read of the key, if there is one. */
  readonly next: number | undefined;
  readonly clocks: Int32Array;
}

class Narrowing {
  readonly #readings: Readings;
  readonly #table: HistoryTable;
  readonly #clocksOf: ClocksOf;
  readonly #index: WritesByKey;
  /** By normalized operation: its number in the history table, or -1. */
  readonly #numbers: Int32Array;
  /** By normalized operation: the start and the end of its session. */
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;

  constructor(readings: Readings, clocksOf: ClocksOf) {
    const { operations, starts } = readings.normalized;
    this.#readings = readings;
    this.#table = readings.certain;
    this.#clocksOf = clocksOf;
    this.#index = createWritesByKey(this.#table);
    this.#numbers = new Int32Array(operations.length).fill(-1);
    for (const [op, raw] of this.#table.numbers.entries()) this.#numbers[raw] = op;
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

  /** Returns undefined if no other operation of its session is certain. */
  #placeOf(read: number): Place | undefined {
    const { normalized } = this.#readings;
    const [before, after] = [this.#previous(read), this.#following(read)];
    const known = before >= 0 ? before : after;
    if (known < 0) return undefined;
    const clocks = this.#clocksOf(at(this.#table.sessionOrder, known));
    const key = at(normalized.key, read);
    return { key, before, after, next: this.#nextSource(after, key), clocks };
  }

  /** The last certain operation of the session before the read. */
  #previous(raw: number): number {
    for (let other = raw - 1; other >= at(this.#starts, raw); other -= 1) {
      if (this.#isInSessionOrder(other)) return at(this.#numbers, other);
    }
    return -1;
  }

  #following(raw: number): number {
    for (let other = raw + 1; other < at(this.#ends, raw); other += 1) {
      if (this.#isInSessionOrder(other)) return at(this.#numbers, other);
    }
    return -1;
  }

  /** An unanswered write does not precede later operations of its session. */
  #isInSessionOrder(raw: number): boolean {
    const isAnswered = this.#readings.normalized.end[raw] !== Number.POSITIVE_INFINITY;
    return isAnswered && at(this.#numbers, raw) >= 0;
  }

  #nextSource(after: number, key: number): number | undefined {
    if (after < 0) return undefined;
    const { key: keys, isWrite, from, starts, sessionOrder } = this.#table;
    const end = at(starts, at(sessionOrder, after) + 1);
    for (let op = after; op < end; op += 1) {
      if (at(keys, op) === key && at(isWrite, op) === 0) return at(from, op);
    }
    return undefined;
  }

  /** Whether no certain operation contradicts it. */
  #mayRead(place: Place, write: number): boolean {
    const { before, after, next, clocks } = place;
    if (write === INITIAL) return !this.#knowsSome(place, () => true);
    // Which write of an earlier run is the initial value depends on the other reads of the key.
    if (isInitial(this.#readings.normalized.operations[write] as Operation)) return true;
    if (next === INITIAL) return false;
    const [own, last] = this.#lastOf(write);
    if (last < 0) return true;
    const isKnownTo = (earlier: number): boolean => isBefore(this.#table, clocks, earlier, last);
    // The write depends on an operation that comes after the read.
    if (after >= 0 && isKnownTo(after)) return false;
    // The write is later than what the session reads next.
    if (next !== undefined && next >= 0 && next !== own && isKnownTo(next)) return false;
    // The session knows of a later write.
    const isLater = (other: number): boolean =>
      other !== own && isBefore(this.#table, clocks, own, other);
    return before < 0 || own < 0 || !this.#knowsSome(place, isLater);
  }

  /** Whether the session knows, before the read, of a write of the key that satisfies `isSuch`. */
  #knowsSome({ key, before, clocks }: Place, isSuch: (write: number) => boolean): boolean {
    if (before < 0) return false;
    const { sessionOrderCount, starts } = this.#table;
    const { groupsOf, groupSessionOrder } = this.#index;
    for (let group = at(groupsOf, key); group < at(groupsOf, key + 1); group += 1) {
      const sessionOrder = at(groupSessionOrder, group);
      const known = at(clocks, before * sessionOrderCount + sessionOrder);
      const latest = latestBelow(this.#index, group, at(starts, sessionOrder) + known);
      if (latest >= 0 && isSuch(latest)) return true;
    }
    return false;
  }

  /** How many operations the session would learn of by reading this write. */
  #newsOf({ before, clocks }: Place, write: number): number {
    if (write === INITIAL) return 0;
    const [own, last] = this.#lastOf(write);
    const { sessionOrderCount } = this.#table;
    let news = own < 0 ? 1 : 0;
    for (let sessionOrder = 0; last >= 0 && sessionOrder < sessionOrderCount; sessionOrder += 1) {
      const known = before < 0 ? 0 : at(clocks, before * sessionOrderCount + sessionOrder);
      news += Math.max(0, at(clocks, last * sessionOrderCount + sessionOrder) - known);
    }
    return news;
  }

  /**
   * The number of the write, and the last operation in its past: the write itself, or, if it is
   * unanswered and unread so far, the operation of its session before it.
   */
  #lastOf(write: number): [own: number, last: number] {
    const own = at(this.#numbers, write);
    return [own, own >= 0 ? own : this.#previous(write)];
  }
}

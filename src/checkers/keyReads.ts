// What one session has put and got of one key, and what its next get of the key must satisfy: read
// your writes and monotonic reads, per key (Terry et al., PDIS 1994, section 3). A get must not
// return an older write than the session has put (read your writes) or got (monotonic reads). If
// the answer has a vector, its server must have applied the latest write that the session knows.
import type { VersionTuple } from '../kernel/history.ts';
import { type Answer, comparePlaces, type Place } from './answers.ts';
import type { Deletion } from './writeVersions.ts';

/** A violation by a get, certain or only possible. The numbers are operations. */
export interface Complaint {
  readonly isCertain: boolean;
  /** The earlier operation of the session that the get does not reflect. */
  readonly before: number;
  /** Further operations that the proof needs. */
  readonly others: readonly number[];
  /** Whether the server lacks that operation, independent of the value returned. */
  readonly isLacking: boolean;
}

/** An operation and the position of the write that it put or got. */
export interface Seen {
  readonly op: number;
  readonly place: Place;
}

/** Puts and deletes of one session to one key, for read your writes. */
export class OwnWrites {
  #latest: Seen | undefined;
  #any = -1;
  /** The last write of unknown version, and how many of them there are. */
  #open = -1;
  #openCount = 0;
  readonly #lastReads: ReadonlyMap<number, number>;
  /** The two own writes with the latest read-backs, the later one first. */
  #readBack: readonly number[] = [];

  /** `lastReads` maps a write to the last get of the session that returned it. */
  constructor(lastReads: ReadonlyMap<number, number>) {
    this.#lastReads = lastReads;
  }

  write(op: number, version: VersionTuple | null): void {
    this.#any = op;
    if (version === null) {
      this.#open = op;
      this.#openCount += 1;
    } else {
      this.#latest = laterOf(this.#latest, { op, place: version });
    }
    if (!this.#lastReads.has(op)) return;
    const byRead = [...this.#readBack, op].sort((a, b) => this.#lastRead(b) - this.#lastRead(a));
    this.#readBack = byRead.slice(0, 2);
  }

  /** The violation if the next get has this answer. */
  judge({ greatest, least, only }: Answer): Complaint | undefined {
    if (this.#any < 0) return undefined;
    const { op, place } = this.#latest ?? { op: this.#any, place: 'first' };
    const before = { before: op, others: [], isLacking: false };
    if (greatest === 'first' || comparePlaces(greatest, place) < 0) {
      return { ...before, isCertain: true };
    }
    const overtaken = this.#findOvertaken(only);
    if (overtaken !== undefined) return overtaken;
    const isTold = comparePlaces(least, place) >= 0;
    const isOwn = only >= 0 && only === this.#open && this.#latest === undefined;
    if (this.#openCount === 0 && isTold) return undefined;
    if (this.#openCount === 1 && isOwn) return undefined;
    return { ...before, before: isTold ? this.#open : op, isCertain: false };
  }

  /**
   * If the session reads both of two own writes, each after the other was written, neither can be
   * the later one. (Any longer cycle of such gets contains one of two.)
   */
  #findOvertaken(only: number): Complaint | undefined {
    const newer = this.#readBack.find((write) => write !== only);
    if (!this.#lastReads.has(only) || newer === undefined || this.#lastRead(newer) < only) {
      return undefined;
    }
    return {
      isCertain: true,
      before: newer,
      others: [this.#lastReads.get(newer) as number],
      isLacking: false,
    };
  }

  #lastRead(write: number): number {
    return this.#lastReads.get(write) ?? -1;
  }
}

/** Gets of one session of one key, for monotonic reads. */
export class OwnReads {
  readonly #gets: number[] = [];
  readonly #named = new Bounds();
  /** Of gets that found nothing and named no deletion; these only bind gets that find something. */
  readonly #nothing = new Bounds();
  /**
   * The position that any later get must not precede, and the one for later gets that find nothing.
   */
  readonly #all = new Cursor();
  readonly #forNothing = new Cursor();

  /** The violation if the next get has this answer. */
  judge(answer: Answer): Complaint | undefined {
    const binding = answer.isNothing ? [this.#named] : [this.#named, this.#nothing];
    for (const { least } of binding) {
      if (least === undefined || comparePlaces(answer.greatest, least.place) >= 0) continue;
      return { isCertain: true, before: least.op, others: [], isLacking: false };
    }
    const cursor = answer.isNothing ? this.#forNothing : this.#all;
    const last = this.#gets.at(-1) ?? -1;
    if (!cursor.canTake(answer)) {
      return { isCertain: true, before: last, others: this.#gets, isLacking: false };
    }
    for (const bounds of binding) {
      const before = bounds.findUnordered(answer);
      if (before >= 0) return { isCertain: false, before, others: [], isLacking: false };
    }
    return undefined;
  }

  get(op: number, answer: Answer): void {
    this.#gets.push(op);
    (answer.isNothing ? this.#nothing : this.#named).add(op, answer);
    this.#all.take(answer);
    if (!answer.isNothing || this.#forNothing.isForced(answer)) this.#forNothing.take(answer);
  }
}

/** Bounds on the positions of the gets so far. */
class Bounds {
  /** The get whose answer is certainly the latest, as far as positions are known. */
  least: Seen | undefined;
  /** The get whose answer may be the latest. */
  #greatest: Seen | undefined;
  /** The first write that was got and whose version is unknown, and a get of it. */
  #only: { readonly write: number; readonly op: number } | undefined;
  #another = -1;

  add(op: number, { least, greatest, only }: Answer): void {
    this.least = laterOf(this.least, { op, place: least });
    if (only < 0) {
      this.#greatest = laterOf(this.#greatest, { op, place: greatest });
      return;
    }
    this.#only ??= { write: only, op };
    if (this.#only.write !== only) this.#another = op;
  }

  /** A get that may have returned a later write than this answer; -1 if there is none. */
  findUnordered({ least, only }: Answer): number {
    const { op, place } = this.#greatest ?? { op: -1, place: 'first' };
    if (comparePlaces(place, least) > 0) return op;
    if (this.#only !== undefined && this.#only.write !== only) return this.#only.op;
    return this.#another;
  }
}

/**
 * The earliest possible position of the last of some gets, if no get returned an older write than
 * the get before it. Where versions are unknown, the gets of one write form one block, so there are
 * at most as many blocks as writes.
 */
class Cursor {
  #place: Place = 'first';
  /** Whether the cursor is just after the position, at a write of unknown version. */
  #isAfter = false;
  #group = -1;
  readonly #blocks = new Map<number, number>();

  canTake(answer: Answer): boolean {
    if (this.#isKnown(answer)) return true;
    const { openCount, greatest, group } = answer;
    const blocks = group === this.#group ? 0 : (this.#blocks.get(group) ?? 0);
    return blocks < openCount && comparePlaces(greatest, this.#place) > 0;
  }

  /** Whether the answer can only be a write of unknown version. */
  isForced(answer: Answer): boolean {
    return this.canTake(answer) && !this.#isKnown(answer);
  }

  take(answer: Answer): void {
    if (!this.canTake(answer)) return;
    const { group, openCount } = answer;
    const isKnown = this.#isKnown(answer);
    const next = isKnown ? this.#findNext(answer) : this.#place;
    if (comparePlaces(next, this.#place) > 0) {
      this.#isAfter = openCount > 0;
      if (openCount === 0) this.#place = next;
    }
    if (group === this.#group) return;
    this.#group = isKnown ? -1 : group;
    if (isKnown) return;
    this.#blocks.set(group, (this.#blocks.get(group) ?? 0) + 1);
    this.#isAfter = true;
  }

  /** The first known position, from the cursor on, that the answer can have. */
  #findNext({ least, latestKnown = least, known }: Answer): Place {
    if (this.#canBe(least)) return least;
    let [low, high] = [0, known.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#canBe((known[middle] as Deletion).version)) low = middle + 1;
      else high = middle;
    }
    return known[low - 1]?.version ?? (known.length === 0 ? this.#place : latestKnown);
  }

  #canBe(place: Place): boolean {
    const order = comparePlaces(place, this.#place);
    return order > 0 || (order === 0 && !this.#isAfter);
  }

  #isKnown({ latestKnown }: Answer): boolean {
    return latestKnown !== undefined && this.#canBe(latestKnown);
  }
}

export function laterOf(a: Seen | undefined, b: Seen): Seen {
  return a === undefined || comparePlaces(a.place, b.place) < 0 ? b : a;
}

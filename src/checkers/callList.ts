// The answered calls of a search that are not completed yet, as a list of their begins and ends in
// time order, from which completed ones are unlinked (Wing and Gong, JPDC 1993; Lowe, CCPE 2017).
// The candidates for the next call are those that begin before the first end of the list.
import type { Completed } from './configurations.ts';
import { scatter } from './pairTable.ts';

/** One interval. Calls are numbered by their place: the order of their begins. */
export interface Interval {
  readonly start: number;
  readonly end: number;
  /** The place of the call that must be completed first, or -1. */
  readonly after: number;
}

/** A word has 32 calls. */
const [SHIFT, FULL] = [5, -1];

export class CallList implements Completed {
  readonly words: Int32Array;
  /** How many calls there are, completed or not. */
  readonly count: number;
  first = 0;
  hash = 0;
  /** How many are not completed. */
  left: number;
  readonly #calls: readonly Interval[];
  /** By event: a begin is a place, an end is `count` + place, the head of the circle 2 `count`. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** By depth: the greatest place completed so far. */
  readonly #tops: Int32Array;

  /** `calls` are sorted by begin, and all have an end. */
  constructor(calls: readonly Interval[]) {
    const count = calls.length;
    this.#calls = calls;
    this.count = count;
    this.left = count;
    this.words = new Int32Array((count >>> SHIFT) + 1);
    this.#next = new Int32Array(2 * count + 1);
    this.#previous = new Int32Array(2 * count + 1);
    this.#tops = new Int32Array(count + 1).fill(-1);
    this.#chain();
  }

  get last(): number {
    return (this.#tops[this.count - this.left] as number) >> SHIFT;
  }

  /** The first candidate; `count` or above if there is none. */
  get head(): number {
    return this.#next[2 * this.count] as number;
  }

  /** The candidate after this one, also if this one is completed; `count` or above if none is. */
  after(place: number): number {
    return this.#next[place] as number;
  }

  /** The call of the first end. There must be one. */
  firstEnd(): number {
    let event = this.head;
    while (event < this.count) event = this.#next[event] as number;
    return event - this.count;
  }

  at(place: number): Interval {
    return this.#calls[place] as Interval;
  }

  isCompleted(place: number): boolean {
    return ((this.words[place >>> SHIFT] as number) & (1 << (place & 31))) !== 0;
  }

  /** Whether the call that must come first is completed. */
  isFree(place: number): boolean {
    const { after } = this.at(place);
    return after < 0 || this.isCompleted(after);
  }

  complete(place: number): void {
    const depth = this.count - this.left;
    this.#tops[depth + 1] = Math.max(this.#tops[depth] as number, place);
    this.left -= 1;
    this.#flip(place);
    while (this.words[this.first] === FULL) this.first += 1;
    this.#unlink(place);
    this.#unlink(place + this.count);
  }

  /** Undoes the last `complete`, which was of this call. */
  undo(place: number): void {
    this.#link(place + this.count);
    this.#link(place);
    this.#flip(place);
    this.first = Math.min(this.first, place >>> SHIFT);
    this.left += 1;
  }

  #flip(place: number): void {
    const word = place >>> SHIFT;
    this.words[word] = (this.words[word] as number) ^ (1 << (place & 31));
    this.hash ^= scatter(place + 1);
  }

  #unlink(event: number): void {
    const [before, after] = [this.#previous[event] as number, this.#next[event] as number];
    this.#next[before] = after;
    this.#previous[after] = before;
  }

  #link(event: number): void {
    const [before, after] = [this.#previous[event] as number, this.#next[event] as number];
    this.#next[before] = event;
    this.#previous[after] = event;
  }

  /** Makes the circle. At equal times, begins come before ends. */
  #chain(): void {
    const { count } = this;
    const end = (place: number): number => this.at(place).end;
    const ends = new Uint32Array(count);
    for (let place = 0; place < count; place += 1) ends[place] = place;
    ends.sort((a, b) => end(a) - end(b) || a - b);
    let last = 2 * count;
    const append = (event: number): void => {
      this.#next[last] = event;
      this.#previous[event] = last;
      last = event;
    };
    let place = 0;
    for (let index = 0; index < count; index += 1) {
      const ending = ends[index] as number;
      for (; place < count && this.at(place).start <= end(ending); place += 1) append(place);
      append(ending + count);
    }
    append(2 * count);
  }
}

// The memo of a search (Lowe, "Testing for linearizability", CCPE 2017): which configurations it
// has reached. A configuration is the set of completed calls, the state, and how many unanswered
// calls of each kind were used. Of two that differ only in these, the one that has used fewer can
// do all that the other can. So one is new only if none like it has used as few or fewer.
import { NONE, scatter } from './pairTable.ts';

/** Of an entry: the next one of its bucket, its first word, its number of words, its state. */
const [NEXT, FIRST, COUNT, STATE, WORDS] = [0, 1, 2, 3, 4];

/** Most searches are small, and many. */
const FIRST_SIZE = 16;

/** The completed calls: bits of `words`, from the first word that is not full to the last. */
export interface Completed {
  readonly words: Int32Array;
  readonly first: number;
  /** The number of the last word that has a bit. */
  readonly last: number;
  /** Equal for equal sets. */
  readonly hash: number;
}

export class Configurations {
  /** How many kinds of unanswered calls there are. */
  readonly #kinds: number;
  #buckets = new Int32Array(FIRST_SIZE).fill(NONE);
  #entries = new Int32Array(8 * FIRST_SIZE);
  #length = 0;
  /** By number of the entry: what it has used, as many numbers as there are kinds. */
  #used: Uint8Array | Uint16Array | Uint32Array;
  /** By number of the entry: where it begins in `#entries`. */
  #starts = new Int32Array(FIRST_SIZE);
  #hashes = new Int32Array(FIRST_SIZE);
  #size = 0;

  /** `most`: how many unanswered calls of one kind there are at most. */
  constructor(kinds: number, most: number) {
    this.#kinds = kinds;
    const Counts = most < 2 ** 8 ? Uint8Array : most < 2 ** 16 ? Uint16Array : Uint32Array;
    this.#used = new Counts(FIRST_SIZE * kinds);
  }

  get size(): number {
    return this.#size;
  }

  /** Returns whether it was new. */
  add(completed: Completed, state: number, used: Uint32Array): boolean {
    const hash = scatter(completed.hash ^ Math.imul(state + 1, 0x9e3779b1));
    const bucket = hash & (this.#buckets.length - 1);
    let entry = this.#buckets[bucket] as number;
    for (
      ;
      entry !== NONE;
      entry = this.#entries[(this.#starts[entry] as number) + NEXT] as number
    ) {
      if (this.#hashes[entry] !== hash || !this.#isOf(entry, completed, state)) continue;
      if (this.#isWithin(entry, used)) return false;
    }
    this.#append(completed, state, used, hash);
    if (this.#size > this.#buckets.length) this.#rehash();
    return true;
  }

  #isOf(entry: number, { words, first, last }: Completed, state: number): boolean {
    const entries = this.#entries;
    const start = this.#starts[entry] as number;
    const count = entries[start + COUNT] as number;
    if (entries[start + STATE] !== state || entries[start + FIRST] !== first) return false;
    if (count !== Math.max(0, last - first + 1)) return false;
    for (let word = 0; word < count; word += 1) {
      if (entries[start + WORDS + word] !== words[first + word]) return false;
    }
    return true;
  }

  /** Whether the entry has used no more than this of any kind. */
  #isWithin(entry: number, used: Uint32Array): boolean {
    const start = entry * this.#kinds;
    for (let kind = 0; kind < this.#kinds; kind += 1) {
      if ((this.#used[start + kind] as number) > (used[kind] as number)) return false;
    }
    return true;
  }

  #append({ words, first, last }: Completed, state: number, used: Uint32Array, hash: number): void {
    const [entry, start, count] = [this.#size, this.#length, Math.max(0, last - first + 1)];
    this.#size += 1;
    this.#length += WORDS + count;
    while (this.#length > this.#entries.length) this.#entries = doubled(this.#entries);
    if (entry === this.#starts.length) {
      this.#starts = doubled(this.#starts);
      this.#hashes = doubled(this.#hashes);
      this.#used = doubled(this.#used);
    }
    const bucket = hash & (this.#buckets.length - 1);
    this.#entries[start + NEXT] = this.#buckets[bucket] as number;
    this.#entries[start + FIRST] = first;
    this.#entries[start + COUNT] = count;
    this.#entries[start + STATE] = state;
    for (let word = 0; word < count; word += 1) {
      this.#entries[start + WORDS + word] = words[first + word] as number;
    }
    this.#buckets[bucket] = entry;
    this.#starts[entry] = start;
    this.#hashes[entry] = hash;
    this.#used.set(used, entry * this.#kinds);
  }

  #rehash(): void {
    this.#buckets = new Int32Array(2 * this.#buckets.length).fill(NONE);
    for (let entry = 0; entry < this.#size; entry += 1) {
      const bucket = (this.#hashes[entry] as number) & (this.#buckets.length - 1);
      this.#entries[(this.#starts[entry] as number) + NEXT] = this.#buckets[bucket] as number;
      this.#buckets[bucket] = entry;
    }
  }
}

function doubled<Numbers extends Int32Array | Uint8Array | Uint16Array | Uint32Array>(
  numbers: Numbers,
): Numbers {
  const Numbers = numbers.constructor as new (length: number) => Numbers;
  const larger = new Numbers(2 * numbers.length);
  larger.set(numbers);
  return larger;
}

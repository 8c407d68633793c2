// A cache from words within a line to what they stand for, which makes no string of a known word.

/** So many words are found without making a string of each. */
const CACHED = 1024;
const MOST_CACHED_LENGTH = 32;

/** What words stand for. The same few occur again and again. */
export class Words<T> {
  readonly #lengths = new Uint8Array(CACHED);
  readonly #bytes = new Uint8Array(CACHED * MOST_CACHED_LENGTH);
  readonly #meanings: T[] = [];
  readonly #meaningOf: (word: string) => T;

  constructor(meaningOf: (word: string) => T) {
    this.#meaningOf = meaningOf;
  }

  /** Of the word, which is not empty, from `start` to before `end`. */
  find(text: string, bytes: Uint8Array, start: number, end: number): T {
    const length = end - start;
    if (length > MOST_CACHED_LENGTH) return this.#meaningOf(text.slice(start, end));
    let hash = length;
    for (let at = start; at < end; at += 1) hash = (31 * hash + (bytes[at] as number)) | 0;
    const place = hash & (CACHED - 1);
    if (this.#isAt(place, bytes, start, length)) return this.#meanings[place] as T;
    const meaning = this.#meaningOf(text.slice(start, end));
    this.#lengths[place] = length;
    this.#bytes.set(bytes.subarray(start, end), place * MOST_CACHED_LENGTH);
    this.#meanings[place] = meaning;
    return meaning;
  }

  #isAt(place: number, bytes: Uint8Array, start: number, length: number): boolean {
    if (this.#lengths[place] !== length) return false;
    const from = place * MOST_CACHED_LENGTH;
    for (let at = 0; at < length; at += 1) {
      if (this.#bytes[from + at] !== bytes[start + at]) return false;
    }
    return true;
  }
}

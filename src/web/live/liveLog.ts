// All that a live run has told, in order: a page that comes late, or that was cut off for a while,
// reads what it missed. Each reader goes at its own pace, so a slow one costs no memory.

/** A reader's portion: what comes after the part with number `after`. */
export interface Portion<T> {
  readonly parts: readonly T[];
  /** The number of the last of them; the parts after it are not read yet. */
  readonly last: number;
}

export class LiveLog<T> {
  readonly #parts: T[] = [];
  readonly #listeners = new Set<() => void>();

  /** The number of the last part; parts are counted from 1. */
  get last(): number {
    return this.#parts.length;
  }

  readonly add = (part: T): void => {
    this.#parts.push(part);
    for (const listener of this.#listeners) listener();
  };

  /** At most `most` parts. A number that no part has is that of a reader of another run: all. */
  read(after: number, most: number): Portion<T> {
    const isKnown = Number.isInteger(after) && after >= 0 && after <= this.last;
    const from = isKnown ? after : 0;
    const parts = this.#parts.slice(from, from + most);
    return { parts, last: from + parts.length };
  }

  /** Calls the listener for each further part, until the returned function is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

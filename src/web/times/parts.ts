// Many requests in parts, so that they can be stopped between two of them. The first is small; then
// each is as large as took about the wanted time before.

const FIRST = 100;
const MOST = 5_000;
const WANTED_MS = 150;
/** A part is at most so many times as large as the one before. */
const GROWTH = 4;

export class Parts {
  readonly of: number;
  readonly #least: number;
  #done = 0;
  #size: number;

  /** No part but the last is smaller than `least`. */
  constructor(of: number, least: number) {
    this.of = of;
    this.#least = least;
    this.#size = Math.max(FIRST, least);
  }

  get done(): number {
    return this.#done;
  }

  /** The size of the next part; 0 when all are done. */
  get next(): number {
    return Math.min(this.#size, this.of - this.#done);
  }

  /** The next part is done, and has taken so long. */
  took(ms: number): void {
    const part = this.next;
    this.#done += part;
    const wanted = Math.round((part * WANTED_MS) / Math.max(1, ms));
    this.#size = Math.max(this.#least, Math.min(MOST, GROWTH * part, wanted));
  }
}

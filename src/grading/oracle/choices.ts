// All sequences of choices, one after the other: the search plays a script again for each.

export class Choices {
  readonly #taken: { choice: number; readonly count: number }[] = [];
  #at = 0;

  /** A number from 0 to `count - 1`: 0 at first, and the next one after the search came back. */
  next(count: number): number {
    if (count <= 1) return 0;
    const known = this.#taken[this.#at];
    if (known === undefined) this.#taken.push({ choice: 0, count });
    this.#at += 1;
    return known?.choice ?? 0;
  }

  /** Goes on to the next sequence; false if there is none. */
  advance(): boolean {
    this.#taken.length = this.#at;
    this.#at = 0;
    for (let last = this.#taken.at(-1); last !== undefined; last = this.#taken.at(-1)) {
      last.choice += 1;
      if (last.choice < last.count) return true;
      this.#taken.pop();
    }
    return false;
  }
}

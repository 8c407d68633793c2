// Which term began from which, and where in the log. It decides whether a standby can go on with
// its own folder when it follows another primary. Synchronous.

interface Beginning {
  readonly from: number;
  /** The last position of the term `from` that the new one has; undefined for all of them. */
  readonly at: bigint | undefined;
}

export class Lineage {
  readonly #beginnings = new Map<number, Beginning>();

  /** The term begins with what the primary had of the term `from`. */
  begin(term: number, from: number, at: bigint | undefined): void {
    this.#beginnings.set(term, { from, at });
  }

  /**
   * Whether a store that is at `position` in the term `own` has nothing that the term `wanted`
   * lacks.
   */
  isWithin(own: number, position: bigint, wanted: number): boolean {
    for (let term = wanted; term !== own; ) {
      const beginning = this.#beginnings.get(term);
      if (beginning === undefined) return false;
      const isOver = beginning.at !== undefined && position > beginning.at;
      if (beginning.from === own && isOver) return false;
      term = beginning.from;
    }
    return true;
  }
}

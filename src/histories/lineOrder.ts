// The moments of events that a log has written down one after the other, with times. Where these go
// back, lines and times disagree. Then an operation is before another one only if it is by both: so
// no violation comes of a clock.

export class LineOrder {
  #latest = Number.NEGATIVE_INFINITY;
  #goesBackAt: number | undefined;

  /** `endedAt`: when its process has ended the operation before. */
  begin(line: number, time: number, endedAt: number): number {
    this.#see(line, time);
    return Math.max(time, endedAt);
  }

  /** Not before any event of the lines before. */
  end(line: number, time: number): number {
    this.#see(line, time);
    return this.#latest;
  }

  /** What the reader had to assume, in plain words. */
  get notes(): readonly string[] {
    if (this.#goesBackAt === undefined) return [];
    const at = `times go back (line ${this.#goesBackAt})`;
    return [`${at}: operations are concurrent where the lines and the times disagree`];
  }

  #see(line: number, time: number): void {
    if (time < this.#latest) this.#goesBackAt ??= line;
    else this.#latest = time;
  }
}

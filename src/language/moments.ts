// The times of a history: they increase even if the world's clock stands still, because with equal
// times two lines would look concurrent.

/** Far below any delay, and far above the rounding error of adding it. */
const MOMENT_MS = 0.001;

export class Moments {
  #last = Number.NEGATIVE_INFINITY;

  /** `now`, or a little more if that would not be greater than the moment before. */
  next(now: number): number {
    this.#last = Math.max(now, this.#last + MOMENT_MS);
    return this.#last;
  }
}

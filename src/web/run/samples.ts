// Which states a long run keeps, so that a page has something to show before it has repeated the
// run up to the cursor.

/** A shorter run is repeated quickly. */
const LEAST_EVENTS = 100_000;
const MOST_SAMPLES = 32;

/** At equal distances, which double when there are too many samples. */
export class Samples<T> {
  readonly #kept: { readonly cursor: number; readonly sample: T }[] = [];
  #every = LEAST_EVENTS;
  #next = LEAST_EVENTS;

  isDue(events: number): boolean {
    return events >= this.#next;
  }

  /** To be called when one is due. */
  add(cursor: number, sample: T): void {
    this.#kept.push({ cursor, sample });
    if (this.#kept.length >= MOST_SAMPLES) {
      const every = this.#kept.filter((_, index) => index % 2 === 1);
      this.#kept.splice(0, this.#kept.length, ...every);
      this.#every *= 2;
    }
    this.#next = cursor + this.#every;
  }

  /** By ascending cursor. */
  get kept(): readonly { readonly cursor: number; readonly sample: T }[] {
    return this.#kept;
  }
}

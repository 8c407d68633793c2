// A map from names to places, fast for small whole numbers: a file may have a million transactions.

/** Names below this are places in an array, which takes four bytes for each. */
const DENSE = 2 ** 24;
const FIRST_LENGTH = 1024;

export class PlacesByName {
  /** By name: one more than the place, or 0. */
  #dense = new Int32Array(FIRST_LENGTH);
  readonly #sparse = new Map<number | string, number>();

  /** Sets the place of the name if it has none yet, and returns the place that it has. */
  setFirst(name: number | string, place: number): number {
    if (typeof name === 'number' && name < DENSE) return this.#setDense(name, place);
    const known = this.#sparse.get(name);
    if (known === undefined) this.#sparse.set(name, place);
    return known ?? place;
  }

  #setDense(name: number, place: number): number {
    if (name >= this.#dense.length) this.#grow(name);
    const known = this.#dense[name] as number;
    if (known !== 0) return known - 1;
    this.#dense[name] = place + 1;
    return place;
  }

  #grow(name: number): void {
    const grown = new Int32Array(Math.min(DENSE, 2 * (name + 1)));
    grown.set(this.#dense);
    this.#dense = grown;
  }
}

// A map from two numbers to one, in flat arrays. A search asks it for each step, and a Map with
// names made of both numbers takes most of its time.

/** In place of a number: the pair has none. */
export const NONE = -1;

/** Numbers of a pair are at least 0; a value may be any but NONE. */
export class PairTable {
  #keys = new Int32Array(2 * 32);
  #values = new Int32Array(32).fill(NONE);
  #size = 0;

  get(a: number, b: number): number {
    return this.#values[this.#slotOf(a, b)] as number;
  }

  set(a: number, b: number, value: number): void {
    const slot = this.#slotOf(a, b);
    const isNew = this.#values[slot] === NONE;
    this.#keys[2 * slot] = a;
    this.#keys[2 * slot + 1] = b;
    this.#values[slot] = value;
    if (!isNew) return;
    this.#size += 1;
    if (2 * this.#size > this.#values.length) this.#grow();
  }

  /** The slot of the pair, or the empty one where it belongs. */
  #slotOf(a: number, b: number): number {
    const mask = this.#values.length - 1;
    let slot = scatter(a ^ Math.imul(b, 0x9e3779b1)) & mask;
    while (this.#values[slot] !== NONE) {
      if (this.#keys[2 * slot] === a && this.#keys[2 * slot + 1] === b) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Int32Array(2 * keys.length);
    this.#values = new Int32Array(2 * values.length).fill(NONE);
    for (let old = 0; old < values.length; old += 1) {
      if (values[old] === NONE) continue;
      const slot = this.#slotOf(keys[2 * old] as number, keys[2 * old + 1] as number);
      this.#keys[2 * slot] = keys[2 * old] as number;
      this.#keys[2 * slot + 1] = keys[2 * old + 1] as number;
      this.#values[slot] = values[old] as number;
    }
  }
}

/** Spreads the bits of a number: the finalizer of MurmurHash3 (Appleby). */
export function scatter(number: number): number {
  let hash = number;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

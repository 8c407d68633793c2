// Finds what overlaps a window among many spans, quickly: whole blocks of them are passed over.

const BLOCK = 256;

/** Spans by index: `from[i]` to `to[i]`, in any order. */
export class Spans {
  readonly from: Float64Array;
  readonly to: Float64Array;
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  readonly #found: Int32Array;

  constructor(from: Float64Array, to: Float64Array) {
    this.from = from;
    this.to = to;
    const blocks = Math.ceil(from.length / BLOCK);
    this.#low = new Float64Array(blocks).fill(Infinity);
    this.#high = new Float64Array(blocks).fill(-Infinity);
    this.#found = new Int32Array(from.length);
    for (let index = 0; index < from.length; index += 1) {
      const block = Math.floor(index / BLOCK);
      this.#low[block] = Math.min(this.#low[block] as number, from[index] as number);
      this.#high[block] = Math.max(this.#high[block] as number, to[index] as number);
    }
  }

  /** The spans that overlap the window, ascending. The array is valid until the next call. */
  within(low: number, high: number): Int32Array {
    let count = 0;
    for (let block = 0; block < this.#low.length; block += 1) {
      if ((this.#low[block] as number) > high || (this.#high[block] as number) < low) continue;
      const end = Math.min((block + 1) * BLOCK, this.from.length);
      for (let index = block * BLOCK; index < end; index += 1) {
        if ((this.from[index] as number) > high || (this.to[index] as number) < low) continue;
        this.#found[count] = index;
        count += 1;
      }
    }
    return this.#found.subarray(0, count);
  }
}

/** How many values of an ascending array are less than this. */
export function countBelow(values: Float64Array, value: number, start = 0): number {
  let low = start;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

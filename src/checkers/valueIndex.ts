// The writes of each key by what they wrote: a hash table in flat arrays, because a Map with half a
// million entries costs more than all the rest of a linearizability check.
import type { Operation } from '../kernel/history.ts';
import type { Gathered } from './gather.ts';

/** Of longer values only so many characters at each end are hashed. */
const HASHED = 32;

/** Numbers are those of `gathered`; -1 says that there is none. */
export class ValueIndex {
  readonly #gathered: Gathered;
  /** By hash: a write; others with the same hash and another value follow it in `#nextOther`. */
  readonly #buckets: Int32Array;
  readonly #nextOther: Int32Array;
  readonly #nextSame: Int32Array;
  /** By a write that was found: all of its value, by their begins. */
  readonly #byBegin = new Map<number, Int32Array>();

  constructor(gathered: Gathered) {
    const size = gathered.operations.length;
    this.#gathered = gathered;
    this.#buckets = new Int32Array(2 ** Math.ceil(Math.log2(size + 2))).fill(-1);
    this.#nextOther = new Int32Array(size).fill(-1);
    this.#nextSame = new Int32Array(size).fill(-1);
  }

  add(op: number, value: string | null): void {
    const key = this.#gathered.key[op] as number;
    const first = this.find(key, value);
    if (first >= 0) {
      this.#nextSame[op] = this.#nextSame[first] as number;
      this.#nextSame[first] = op;
      return;
    }
    const bucket = this.#bucketOf(key, value);
    this.#nextOther[op] = this.#buckets[bucket] as number;
    this.#buckets[bucket] = op;
  }

  /** A write of this value to this key. */
  find(key: number, value: string | null): number {
    const { operations, key: keys } = this.#gathered;
    let op = this.#buckets[this.#bucketOf(key, value)] as number;
    for (; op >= 0; op = this.#nextOther[op] as number) {
      if (keys[op] === key && writtenValue(operations[op] as Operation) === value) return op;
    }
    return -1;
  }

  /** Another one, after one that was found; in no order. */
  next(op: number): number {
    return this.#nextSame[op] as number;
  }

  /**
   * Of the writes of one value, after one that was found: the one that began last up to a time,
   * without looking at each. To be asked when all have been added.
   */
  latestBegun(op: number, time: number): number | undefined {
    const writes = this.#sorted(op);
    const begunAt = (place: number): number => this.#begin(writes[place] as number);
    const after = firstWhere(writes.length, (place) => begunAt(place) > time);
    if (after === 0) return undefined;
    const latest = begunAt(after - 1);
    return writes[firstWhere(after, (place) => begunAt(place) >= latest)];
  }

  /** Those that began at once by their numbers. */
  #sorted(op: number): Int32Array {
    const known = this.#byBegin.get(op);
    if (known !== undefined) return known;
    const writes: number[] = [];
    for (let write = op; write >= 0; write = this.next(write)) writes.push(write);
    const sorted = writes.sort((a, b) => this.#begin(a) - this.#begin(b) || a - b);
    this.#byBegin.set(op, Int32Array.from(sorted));
    return this.#byBegin.get(op) as Int32Array;
  }

  #begin(op: number): number {
    return (this.#gathered.operations[op] as Operation).invokedAt;
  }

  /** FNV-1a over the characters, begun from the key. */
  #bucketOf(key: number, value: string | null): number {
    let hash = Math.imul(key ^ 0x811c9dc5, 0x01000193);
    const length = value === null ? -1 : value.length;
    hash = Math.imul(hash ^ length, 0x01000193);
    for (let index = 0; index < length; index += 1) {
      if (index === HASHED && length > 2 * HASHED) index = length - HASHED;
      hash = Math.imul(hash ^ (value as string).charCodeAt(index), 0x01000193);
    }
    return (hash ^ (hash >>> 15)) & (this.#buckets.length - 1);
  }
}

/** The first place from 0 to before `count` where it is true; it stays so from there. */
function firstWhere(count: number, isTrue: (at: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isTrue(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What a read of this write gives; null for a deletion. */
export function writtenValue(operation: Operation): string | null {
  return operation.kind === 'delete' ? null : operation.value;
}

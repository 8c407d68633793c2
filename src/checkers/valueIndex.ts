// The writes of each key by value: a hash table in flat arrays. A Map with half a million entries
// takes more time than the rest of a linearizability check.
import type { Operation } from '../kernel/history.ts';
import type { Normalized } from './normalize.ts';

/** Of longer values, only this many characters at each end are hashed. */
const HASHED = 32;

/** Numbers are those of `normalized`; -1 means none. */
export class ValueIndex {
  readonly #normalized: Normalized;
  /** By hash: a write. Writes with the same hash and another value follow in `#nextOther`. */
  readonly #buckets: Int32Array;
  readonly #nextOther: Int32Array;
  readonly #nextSame: Int32Array;
  /** By a write that `find` returned: all writes of its value, sorted by start. */
  readonly #byBegin = new Map<number, Int32Array>();

  constructor(normalized: Normalized) {
    const size = normalized.operations.length;
    this.#normalized = normalized;
    this.#buckets = new Int32Array(2 ** Math.ceil(Math.log2(size + 2))).fill(-1);
    this.#nextOther = new Int32Array(size).fill(-1);
    this.#nextSame = new Int32Array(size).fill(-1);
  }

  add(op: number, value: string | null): void {
    const key = this.#normalized.key[op] as number;
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

  /** Returns a write of this value to this key, or -1. */
  find(key: number, value: string | null): number {
    const { operations, key: keys } = this.#normalized;
    let op = this.#buckets[this.#bucketOf(key, value)] as number;
    for (; op >= 0; op = this.#nextOther[op] as number) {
      if (keys[op] === key && writtenValue(operations[op] as Operation) === value) return op;
    }
    return -1;
  }

  /** Another write of the same value, or -1, in any order. `op` is from `find` or `next`. */
  next(op: number): number {
    return this.#nextSame[op] as number;
  }

  /**
   * Of the writes of one value, the one that started last up to a time, by binary search. `op`
   * comes from `find`. All writes must have been added before.
   */
  latestBegun(op: number, time: number): number | undefined {
    const writes = this.#sorted(op);
    const begunAt = (place: number): number => this.#begin(writes[place] as number);
    const after = firstWhere(writes.length, (place) => begunAt(place) > time);
    if (after === 0) return undefined;
    const latest = begunAt(after - 1);
    return writes[firstWhere(after, (place) => begunAt(place) >= latest)];
  }

  /** Writes with equal start are sorted by number. */
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
    return (this.#normalized.operations[op] as Operation).invokedAt;
  }

  /** FNV-1a over the characters, seeded with the key. */
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

/** Binary search: the first position below `count` where the monotone predicate is true. */
function firstWhere(count: number, isTrue: (at: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isTrue(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What a read of this write returns; null for a deletion. */
export function writtenValue(operation: Operation): string | null {
  return operation.kind === 'delete' ? null : operation.value;
}

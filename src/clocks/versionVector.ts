// A version vector: for each life of each server, up to which timestamp its writes are applied.
import type { VectorTuples } from '../kernel/history.ts';
import type { Life } from '../kernel/ids.ts';
import { isSealedVector, sealVector } from '../kernel/sealedVector.ts';
import type { Version } from './version.ts';

type Tuple = VectorTuples[number];

/**
 * A compact set of writes: all writes that life `l` accepted up to timestamp `at(l)`. One number is
 * enough because the timestamps of a life only grow (Parker et al., "Detection of Mutual
 * Inconsistency in Distributed Systems", IEEE TSE 1983).
 *
 * Stored as the tuples that messages carry, sorted by life and immutable. So copying, sending and
 * receiving a vector costs nothing; these are its most frequent uses.
 */
export class VersionVector {
  #tuples: VectorTuples;

  constructor() {
    this.#tuples = [];
  }

  static fromTuples(tuples: VectorTuples): VersionVector {
    const vector = new VersionVector();
    if (isSealedVector(tuples) || isNormal(tuples)) vector.#tuples = tuples;
    else
      for (const [id, incarnation, timestamp] of tuples)
        vector.#advance(id, incarnation, timestamp);
    return vector;
  }

  /** Sorted by life, so that equal vectors give equal tuples. The caller must not change them. */
  toTuples(): VectorTuples {
    return sealVector(this.#tuples);
  }

  /** 0 for a life of which no write was applied. */
  at({ id, incarnation }: Life): number {
    const index = this.#find(id, incarnation);
    return index < 0 ? 0 : (this.#tuples[index] as Tuple)[2];
  }

  /** Adds the life's writes up to `timestamp`; never removes any. */
  advance({ id, incarnation }: Life, timestamp: number): void {
    this.#advance(id, incarnation, timestamp);
  }

  /** Adds everything that `other` includes. */
  merge(other: VersionVector): void {
    if (this.dominates(other)) return;
    this.#tuples = other.dominates(this) ? other.#tuples : union(this.#tuples, other.#tuples);
  }

  covers({ origin, timestamp }: Version): boolean {
    return this.at(origin) >= timestamp;
  }

  /** True if this includes everything that `other` includes. */
  dominates(other: VersionVector): boolean {
    const mine = this.#tuples;
    const theirs = other.#tuples;
    if (mine === theirs) return true;
    if (mine.length < theirs.length) return false;
    let index = 0;
    for (let place = 0; place < theirs.length; place += 1) {
      const tuple = theirs[place] as Tuple;
      // Vectors of one process share most of their tuples.
      while (mine[index] !== tuple) {
        const own = mine[index];
        if (own === undefined) return false;
        const order = compareLives(own, tuple);
        if (order > 0 || (order === 0 && own[2] < tuple[2])) return false;
        if (order === 0) break;
        index += 1;
      }
      index += 1;
    }
    return true;
  }

  copy(): VersionVector {
    const copy = new VersionVector();
    copy.#tuples = this.#tuples;
    return copy;
  }

  #advance(id: number, incarnation: number, timestamp: number): void {
    if (timestamp === 0) return;
    const index = this.#find(id, incarnation);
    const tuple: Tuple = [id, incarnation, timestamp];
    if (index < 0) this.#tuples = this.#tuples.toSpliced(-index - 1, 0, tuple);
    else if ((this.#tuples[index] as Tuple)[2] < timestamp) {
      const tuples = this.#tuples.slice();
      tuples[index] = tuple;
      this.#tuples = tuples;
    }
  }

  /** Binary search for a life: its index, or -1 less the index at which to insert it. */
  #find(id: number, incarnation: number): number {
    let low = 0;
    let high = this.#tuples.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const tuple = this.#tuples[middle] as Tuple;
      const order = tuple[0] - id || tuple[1] - incarnation;
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return -low - 1;
  }
}

function compareLives(a: Tuple, b: Tuple): number {
  return a[0] - b[0] || a[1] - b[1];
}

/** All that either vector includes, with their own tuples. */
function union(mine: VectorTuples, theirs: VectorTuples): Tuple[] {
  const tuples: Tuple[] = [];
  let [a, b] = [0, 0];
  while (a < mine.length || b < theirs.length) {
    const [own, other] = [mine[a], theirs[b]];
    const order = own === undefined ? 1 : other === undefined ? -1 : compareLives(own, other);
    const isOwn = order < 0 || (order === 0 && (own as Tuple)[2] >= (other as Tuple)[2]);
    tuples.push((isOwn ? own : other) as Tuple);
    if (order <= 0) a += 1;
    if (order >= 0) b += 1;
  }
  return tuples;
}

/** Sorted, each life once, and no life with timestamp 0. */
function isNormal(tuples: VectorTuples): boolean {
  for (let index = 0; index < tuples.length; index += 1) {
    const tuple = tuples[index] as Tuple;
    if (tuple[2] === 0) return false;
    if (index > 0 && compareLives(tuples[index - 1] as Tuple, tuple) >= 0) return false;
  }
  return true;
}

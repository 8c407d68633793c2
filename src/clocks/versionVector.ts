// A version vector: for each life of each server, how far its writes have been applied.
import type { VectorTuples } from '../kernel/history.ts';
import { type Life, MAX_NODE_ID } from '../kernel/ids.ts';
import type { Version } from './version.ts';

/**
 * A set of writes, said briefly: every write that life `l` accepted up to timestamp `at(l)`. That is
 * enough because a life's timestamps only grow (Parker et al., "Detection of Mutual Inconsistency",
 * IEEE TSE 1983). Values are never changed in place once handed out: use `copy`.
 */
export class VersionVector {
  readonly #timestampByLife = new Map<number, { life: Life; timestamp: number }>();

  static fromTuples(tuples: VectorTuples): VersionVector {
    const vector = new VersionVector();
    for (const [id, incarnation, timestamp] of tuples) {
      vector.advance({ id, incarnation }, timestamp);
    }
    return vector;
  }

  /** Sorted by life, so that equal vectors give equal tuples. */
  toTuples(): [number, number, number][] {
    const tuples: [number, number, number][] = [];
    for (const { life, timestamp } of this.#timestampByLife.values()) {
      tuples.push([life.id, life.incarnation, timestamp]);
    }
    return tuples.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  }

  /** 0 for a life that nothing was applied from. */
  at(life: Life): number {
    return this.#timestampByLife.get(lifeKey(life))?.timestamp ?? 0;
  }

  /** Includes the life's writes up to `timestamp`; never takes any away. */
  advance(life: Life, timestamp: number): void {
    const key = lifeKey(life);
    const entry = this.#timestampByLife.get(key);
    if (entry === undefined) this.#timestampByLife.set(key, { life, timestamp });
    else if (timestamp > entry.timestamp) entry.timestamp = timestamp;
  }

  /** Includes everything that `other` includes. */
  merge(other: VersionVector): void {
    for (const { life, timestamp } of other.#timestampByLife.values()) {
      this.advance(life, timestamp);
    }
  }

  covers({ origin, timestamp }: Version): boolean {
    return this.at(origin) >= timestamp;
  }

  /** True when this includes everything that `other` includes. */
  dominates(other: VersionVector): boolean {
    for (const [key, { timestamp }] of other.#timestampByLife) {
      if ((this.#timestampByLife.get(key)?.timestamp ?? 0) < timestamp) return false;
    }
    return true;
  }

  copy(): VersionVector {
    const copy = new VersionVector();
    copy.merge(this);
    return copy;
  }

  lives(): Life[] {
    return Array.from(this.#timestampByLife.values(), ({ life }) => life);
  }
}

/** A number for a life, to key maps with: small for early incarnations, so that hashing is cheap. */
export function lifeKey({ id, incarnation }: Life): number {
  return incarnation * (MAX_NODE_ID + 1) + id;
}

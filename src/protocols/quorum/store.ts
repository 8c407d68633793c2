// The data of one replica: for each key the newest writes that it has. Synchronous.
import { nameOfVersion } from '../../clocks/version.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { MerkleForest } from '../../replication/merkle/forest.ts';
import type { QuorumRing } from './ring.ts';
import { supersedes, type Write, withWrite } from './write.ts';

/**
 * The store never goes back: a write is merged by its version, never stored blindly. With
 * `versions=vector` a key has all writes of which none supersedes another: siblings.
 *
 * All tombstones up to the floor have been collected. An earlier write of such a key would bring
 * the deleted value back, so a replica takes no write up to the floor that nothing here supersedes.
 */
export class Store {
  readonly #byKey = new Map<string, readonly Write[]>();
  #forest = new MerkleForest(() => []);
  #floor = 0;

  /** The number of keys, deleted ones with a tombstone among them. */
  get size(): number {
    return this.#byKey.size;
  }

  /** The timestamp up to which tombstones were collected. */
  get floor(): number {
    return this.#floor;
  }

  /** The newest writes of the key by version; tombstones too. */
  find(key: string): readonly Write[] {
    return this.#byKey.get(key) ?? [];
  }

  /** Whether the store has the write, or one that supersedes it. */
  has(write: Write): boolean {
    return this.find(write.key).some((known) => supersedes(known, write));
  }

  /**
   * Whether a write is refused. A replica that copies takes what another replica has whatever its
   * version: that one has refused what had to be refused.
   */
  isBelowFloor(write: Write): boolean {
    if (write.version.timestamp > this.#floor) return false;
    return write.context === null ? !this.#byKey.has(write.key) : !this.has(write);
  }

  /** Keeps the write, unless one that supersedes it is here. Removes those that it supersedes. */
  merge(write: Write): void {
    const known = this.find(write.key);
    const newest = withWrite(known, write);
    if (newest === known) return;
    this.#set(write.key, newest);
  }

  /** The ring places the keys from now on. Drops those that the server does not hold. */
  place(ring: QuorumRing, self: NodeId): void {
    this.#forest = new MerkleForest((key) => ring.holdersOf(key));
    for (const [key, writes] of this.#byKey) {
      if (ring.holdersOf(key).includes(self)) this.#forest.set(key, contentOf(writes));
      else this.#byKey.delete(key);
    }
  }

  /** Removes all tombstones up to that timestamp, for good. Gives how many there were. */
  collect(floor: number): number {
    this.#floor = Math.max(this.#floor, floor);
    const isCollected = ({ value, version }: Write): boolean =>
      value === null && version.timestamp <= floor;
    let count = 0;
    for (const [key, writes] of this.#byKey) {
      const left = writes.filter((write) => !isCollected(write));
      if (left.length === writes.length) continue;
      count += writes.length - left.length;
      this.#set(key, left);
    }
    return count;
  }

  /**
   * The Merkle trees of the keys, by the versions that each has, as the ring places them. They
   * follow each change: to make them when they are needed first would take a time for each key, in
   * which the server answers no call.
   */
  get forest(): MerkleForest {
    return this.#forest;
  }

  keys(): IterableIterator<string> {
    return this.#byKey.keys();
  }

  #set(key: string, writes: readonly Write[]): void {
    const isGone = writes.length === 0;
    if (isGone) this.#byKey.delete(key);
    else this.#byKey.set(key, writes);
    if (isGone) this.#forest.delete(key);
    else this.#forest.set(key, contentOf(writes));
  }

  *writes(): Generator<Write> {
    for (const writes of this.#byKey.values()) yield* writes;
  }

  /** Each value of each key once. */
  *values(): Generator<[key: string, value: string]> {
    for (const [key, writes] of this.#byKey) {
      const values = writes.map(({ value }) => value);
      // Nearly every key has one value. A set for each would take most of the time.
      for (const value of values.length > 1 ? new Set(values) : values) {
        if (value !== null) yield [key, value];
      }
    }
  }
}

function contentOf(writes: readonly Write[]): string {
  return writes.map(({ version }) => nameOfVersion(version)).join(' ');
}

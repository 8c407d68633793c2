// The data of one replica: for each key the newest write that it has. Synchronous.
import { supersedes, type Write } from './write.ts';

/**
 * The store never goes back: a write is merged by its version, never stored blindly. All tombstones
 * up to the floor have been collected. An earlier write of such a key would bring the deleted value
 * back, so a replica takes no write up to the floor for a key that it does not have.
 */
export class Store {
  readonly #byKey = new Map<string, Write>();
  #floor = 0;

  get size(): number {
    return this.#byKey.size;
  }

  /** The timestamp up to which tombstones were collected. */
  get floor(): number {
    return this.#floor;
  }

  /** The newest write of the key; a tombstone too. */
  find(key: string): Write | undefined {
    return this.#byKey.get(key);
  }

  /** Whether the store has the write, or a later one of its key. */
  has(write: Write): boolean {
    const known = this.#byKey.get(write.key);
    return known !== undefined && supersedes(known, write);
  }

  /**
   * Whether a write is refused. A replica that copies takes what another replica has whatever its
   * version: that one has refused what had to be refused.
   */
  isBelowFloor({ key, version }: Write): boolean {
    return !this.#byKey.has(key) && version.timestamp <= this.#floor;
  }

  /** Keeps the write if it is the newest of its key. */
  merge(write: Write): void {
    if (!this.has(write)) this.#byKey.set(write.key, write);
  }

  /** Removes all tombstones up to that timestamp, for good. Gives how many there were. */
  collect(floor: number): number {
    this.#floor = Math.max(this.#floor, floor);
    const size = this.size;
    for (const [key, { value, version }] of this.#byKey) {
      if (value === null && version.timestamp <= floor) this.#byKey.delete(key);
    }
    return size - this.size;
  }

  writes(): IterableIterator<Write> {
    return this.#byKey.values();
  }

  *values(): Generator<[key: string, value: string]> {
    for (const { key, value } of this.#byKey.values()) if (value !== null) yield [key, value];
  }
}

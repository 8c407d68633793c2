// For the invariants: the tombstones that some server has collected, and what follows for the
// living servers. docs/decisions/0009-tombstone-collection.md has the argument.
import { compareVersions, type Version } from '../../clocks/version.ts';
import type { VersionVector } from '../../clocks/versionVector.ts';

export class CollectedTombstones {
  /** By key: the deletions that no server has collected. */
  readonly #keptByKey = new Map<string, Version[]>();
  /** By key: the greatest deletion that was ever collected. */
  readonly #greatestByKey = new Map<string, Version>();
  /** By key: the greatest collected deletion that binds the living servers: see `release`. */
  readonly #bindingByKey = new Map<string, Version>();
  #time = 0;

  /** The latest timestamp of the binding deletions; 0 if there is none. */
  get time(): number {
    return this.#time;
  }

  /** A deletion was accepted. */
  add(key: string, version: Version): void {
    const versions = this.#keptByKey.get(key) ?? [];
    versions.push(version);
    this.#keptByKey.set(key, versions);
  }

  /** A server has collected the tombstones inside `upTo`. */
  collect(upTo: VersionVector): void {
    for (const [key, deletions] of this.#keptByKey) {
      const kept = deletions.filter((deletion) => !upTo.covers(deletion));
      if (kept.length === deletions.length) continue;
      this.#keptByKey.set(key, kept);
      for (const deletion of deletions.filter((version) => upTo.covers(version))) {
        raise(this.#greatestByKey, key, deletion);
        raise(this.#bindingByKey, key, deletion);
        this.#time = Math.max(this.#time, deletion.timestamp);
      }
    }
  }

  /**
   * Every bootstrapped server is dead. So no living server has a clock that must be above the
   * collected deletions, nor an older write of their keys. A new write may be below them.
   */
  release(): void {
    this.#bindingByKey.clear();
    this.#time = 0;
  }

  /** Whether a store may lack this write, because a deletion at or above it was collected. */
  excuses(key: string, version: Version): boolean {
    return isAtOrAbove(this.#greatestByKey.get(key), version);
  }

  /** Whether the vector includes the greatest collected deletion of the key. */
  isIn(key: string, collected: VersionVector): boolean {
    const deletion = this.#greatestByKey.get(key);
    return deletion !== undefined && collected.covers(deletion);
  }

  /** Whether no store may show this write, because a binding deletion is at or above it. */
  forbids(key: string, version: Version): boolean {
    return isAtOrAbove(this.#bindingByKey.get(key), version);
  }
}

function raise(greatest: Map<string, Version>, key: string, version: Version): void {
  const former = greatest.get(key);
  if (former === undefined || compareVersions(former, version) < 0) greatest.set(key, version);
}

function isAtOrAbove(deletion: Version | undefined, version: Version): boolean {
  return deletion !== undefined && compareVersions(deletion, version) >= 0;
}

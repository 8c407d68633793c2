// For the invariants: which deletions some server has forgotten, and what follows for all that
// live. The argument is in docs/decisions/0009-forgetting.md.
import { compareVersions, type Version } from '../../clocks/version.ts';
import type { VersionVector } from '../../clocks/versionVector.ts';

export class ForgottenDeletions {
  readonly #keptByKey = new Map<string, Version[]>();
  /** By key the greatest that was forgotten, ever. */
  readonly #greatestByKey = new Map<string, Version>();
  /** The same, of those that somebody living still has to know of. */
  readonly #bindingByKey = new Map<string, Version>();
  #time = 0;

  /** The latest timestamp among those that bind; 0 if none does. */
  get time(): number {
    return this.#time;
  }

  /** A deletion was accepted. */
  add(key: string, version: Version): void {
    const versions = this.#keptByKey.get(key) ?? [];
    versions.push(version);
    this.#keptByKey.set(key, versions);
  }

  /** A server forgets the deletions inside `upTo`. */
  forget(upTo: VersionVector): void {
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
   * Everybody who knew a time behind the forgotten deletions is dead, and what they deleted died
   * with them: nobody can show an older write of it, and a new one may be below.
   */
  release(): void {
    this.#bindingByKey.clear();
    this.#time = 0;
  }

  /** Whether a store may lack this write because a deletion at or after it was forgotten. */
  excuses(key: string, version: Version): boolean {
    return isAtOrBehind(this.#greatestByKey.get(key), version);
  }

  /** Whether no store may show this write any more. */
  forbids(key: string, version: Version): boolean {
    return isAtOrBehind(this.#bindingByKey.get(key), version);
  }
}

function raise(greatest: Map<string, Version>, key: string, version: Version): void {
  const former = greatest.get(key);
  if (former === undefined || compareVersions(former, version) < 0) greatest.set(key, version);
}

function isAtOrBehind(deletion: Version | undefined, version: Version): boolean {
  return deletion !== undefined && compareVersions(deletion, version) >= 0;
}

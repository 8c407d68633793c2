// The writes that a read may have returned. If one of them is missing in a part of a history, the
// part may break a level that the whole history keeps.

import type { Recorded } from './history.ts';
import { isSessionGuarantee } from './levels.ts';
import { doesCount, isWrite } from './normalize.ts';
import type { Level } from './verdict.ts';

export class Sources {
  readonly #level: Level;
  /** Keyed by version and content. */
  readonly #writes = new Map<string, Recorded[]>();
  /** By read. */
  readonly #found = new Map<Recorded, readonly Recorded[]>();

  /** Indexes the sources of these reads; other operations among them are ignored. */
  constructor(history: readonly Recorded[], reads: readonly Recorded[], level: Level) {
    this.#level = level;
    const wanted = new Set(reads.flatMap((read) => (isWrite(read) ? [] : namesOf(read))));
    for (const operation of history) {
      if (!isWrite(operation) || !doesCount(operation)) continue;
      for (const name of namesOf(operation)) {
        if (!wanted.has(name)) continue;
        const known = this.#writes.get(name);
        if (known === undefined) this.#writes.set(name, [operation]);
        else known.push(operation);
      }
    }
  }

  of(read: Recorded): readonly Recorded[] {
    let known = this.#found.get(read);
    if (known === undefined) {
      known = this.#find(read);
      this.#found.set(read, known);
    }
    return known;
  }

  /** The one that began last before the read ended. */
  lastOf(read: Recorded): Recorded | undefined {
    if (isWrite(read)) return undefined;
    const end = read.returnedAt as number;
    const isLater = (a: Recorded, b: Recorded | undefined): boolean =>
      b === undefined ||
      (a.invokedAt <= end ? b.invokedAt > end || a.invokedAt > b.invokedAt : false);
    let last: Recorded | undefined;
    for (const write of this.of(read)) if (isLater(write, last)) last = write;
    return last;
  }

  #find(read: Recorded): readonly Recorded[] {
    const writes = this.#writes.get(this.#nameRead(read)) ?? [];
    const begun = writes.filter((write) => this.#isInTime(write, read));
    return begun.length > 0 ? begun : writes;
  }

  /** Whether each read among these still has a write that it may have returned, if it had one. */
  explain(part: readonly Recorded[]): boolean {
    const isThere = new Set(part);
    return part.every((read) => {
      const writes = read.kind === 'get' && read.value !== null ? this.of(read) : [];
      return writes.length === 0 || writes.some((write) => isThere.has(write));
    });
  }

  /** Whether a read may have returned one of these writes. */
  isOf(some: Iterable<Recorded>): (read: Recorded) => boolean {
    const first = new Map<string, Recorded>();
    for (const write of some) {
      if (!isWrite(write)) continue;
      for (const name of namesOf(write)) {
        const known = first.get(name);
        if (known === undefined || write.invokedAt < known.invokedAt) first.set(name, write);
      }
    }
    return (read) => {
      const write = first.get(this.#nameRead(read));
      if (write === undefined) return false;
      return this.#isInTime(write, read) || !this.of(read).some((one) => this.#isInTime(one, read));
    };
  }

  /** Only linearizability considers time here: for others a write too late does no harm. */
  #isInTime(write: Recorded, read: Recorded): boolean {
    return this.#level !== 'linearizable' || write.invokedAt <= (read.returnedAt as number);
  }

  /** The key in `#writes` of the read's possible sources; '' if there are none. */
  #nameRead(read: Recorded): string {
    if (isWrite(read)) return '';
    const [any, named, unnamed] = namesOf(read);
    if (read.version === null) return any;
    // For a session guarantee, the version alone describes the read.
    if (isSessionGuarantee(this.#level)) return '';
    return this.#writes.has(named) ? named : unnamed;
  }
}

/**
 * The index keys of what is written or read: for any version, for its own version, for no version.
 */
function namesOf({ kind, key, value, version }: Recorded): [string, string, string] {
  const text = kind === 'delete' ? null : value;
  const names = ['any', version, null].map((one) => JSON.stringify([key, text, one]));
  return names as [string, string, string];
}

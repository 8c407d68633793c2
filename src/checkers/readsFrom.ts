// Finds which write each read has returned. A version decides it. Without a version the value
// decides it if it was written only once; otherwise the possible writes are listed, and the read is
// in doubt. An absent key counts as a value too: the initial state or any deletion explains it.
import type { Operation, VectorTuples, VersionTuple } from '../kernel/history.ts';
import { lifeKey } from '../kernel/ids.ts';
import { isWrite, type Normalized } from './normalize.ts';
import { ValueIndex, writtenValue } from './valueIndex.ts';

/** The read returned the state before the first write of the key. */
export const INITIAL = -1;
/** The read returned a value that no write has written (a thin-air read). */
export const THIN_AIR = -2;
/** The read is in doubt, and no candidate has been chosen. */
export const OPEN = -3;

/** Reads that returned the same unknown write, and the writes that it may be. */
export interface Doubt {
  readonly reads: readonly number[];
  /** The most likely candidate. */
  readonly first: number;
  /** Most likely first; may include `INITIAL`. Computed on first use: there may be many. */
  readonly candidates: readonly number[];
  /** Doubts of one group returned different writes. Undefined for a read without a version. */
  readonly group: string | undefined;
}

export interface ReadsFrom {
  /** By read: the write that it has returned, INITIAL, THIN_AIR or OPEN. By write: itself. */
  readonly from: Int32Array;
  /** The reads of these doubts are OPEN in `from`. */
  readonly doubts: readonly Doubt[];
}

export function resolveReads(normalized: Normalized): ReadsFrom {
  const { operations, recorded } = normalized;
  const from = new Int32Array(operations.length);
  const index = new WriteIndex(normalized);
  const doubts: Doubt[] = [];
  const versions = new VersionDoubts();
  for (let place = 0; place < recorded.length; place += 1) {
    const op = recorded[place] as number;
    const operation = operations[op] as Operation;
    if (isWrite(operation)) {
      from[op] = op;
    } else if (operation.version === null) {
      const found = index.ofValue(op);
      if (typeof found === 'number') from[op] = found;
      else doubts.push(found);
    } else {
      const named = index.named(op, operation.version);
      if (named?.length === 1) from[op] = named[0] as number;
      else from[op] = versions.add(op, operation, named ?? index.withoutVersion(op));
    }
  }
  doubts.push(...versions.resolve(from));
  for (const { reads } of doubts) for (const read of reads) from[read] = OPEN;
  return { from, doubts };
}

/**
 * Reads whose version does not identify a single write. One version is one write, so all reads of
 * it are one doubt, and other versions of the same value are other writes.
 */
class VersionDoubts {
  readonly #byVersion = new Map<
    string,
    Doubt & { readonly value: string | null; reads: number[] }
  >();
  readonly #groupSizes = new Map<string, number>();

  /** Returns the preliminary source of the read. */
  add(read: number, { key, value, version }: Operation, candidates: readonly number[]): number {
    const name = JSON.stringify([key, version]);
    const known = this.#byVersion.get(name);
    if (known !== undefined) {
      if (known.value !== value) return THIN_AIR;
      known.reads.push(read);
      return OPEN;
    }
    const group = JSON.stringify([key, value]);
    const first = candidates[0] ?? THIN_AIR;
    this.#byVersion.set(name, { reads: [read], first, candidates, group, value });
    this.#groupSizes.set(group, (this.#groupSizes.get(group) ?? 0) + 1);
    return OPEN;
  }

  /** Resolves the certain ones in `from`, and yields the rest. */
  *resolve(from: Int32Array): Generator<Doubt> {
    for (const doubt of this.#byVersion.values()) {
      const { reads, first, candidates, group } = doubt;
      const isAlone = this.#groupSizes.get(group as string) === 1;
      const isCertain = candidates.length === 0 || (candidates.length === 1 && isAlone);
      if (!isCertain) yield doubt;
      else for (const read of reads) from[read] = first;
    }
  }
}

/** A read without a version, whose value several writes have written. */
class ReadDoubt implements Doubt {
  readonly reads: readonly number[];
  readonly first: number;
  readonly group = undefined;
  readonly #index: WriteIndex;
  #candidates: readonly number[] | undefined;

  constructor(index: WriteIndex, read: number) {
    this.#index = index;
    this.reads = [read];
    this.first = index.likeliest(read);
  }

  get candidates(): readonly number[] {
    this.#candidates ??= this.#index.candidates(this.reads[0] as number, this.first);
    return this.#candidates;
  }
}

/** The writes by version and by value. Equal versions form a linked list in `#sameVersion`. */
class WriteIndex {
  readonly #normalized: Normalized;
  readonly #byVersion = new Map<number, Map<number, number>>();
  readonly #sameVersion: Int32Array;
  readonly #byValue: ValueIndex;

  constructor(normalized: Normalized) {
    const { operations, recorded } = normalized;
    this.#normalized = normalized;
    this.#sameVersion = new Int32Array(operations.length).fill(-1);
    this.#byValue = new ValueIndex(normalized);
    for (let place = 0; place < recorded.length; place += 1) {
      const op = recorded[place] as number;
      const operation = operations[op] as Operation;
      if (!isWrite(operation)) continue;
      this.#byValue.add(op, writtenValue(operation));
      if (operation.version !== null) this.#addVersion(op, operation.version);
    }
  }

  /** The source of a read without a version, if its value decides it. */
  ofValue(read: number): number | Doubt {
    const { value } = this.#operation(read);
    const some = this.#byValue.find(this.#normalized.key[read] as number, value);
    if (some < 0) return value === null ? INITIAL : THIN_AIR;
    const isSure = value !== null && this.#byValue.next(some) < 0;
    return isSure ? some : new ReadDoubt(this, read);
  }

  /**
   * Of the writes of the read's value, the one that started last before the read ended. It does not
   * visit each write: there may be as many as reads. For an absent key, the vector of the server is
   * better evidence, if there is one.
   */
  likeliest(read: number): number {
    const { value, applied, returnedAt } = this.#operation(read);
    if (value === null && applied !== null) {
      return this.#latestApplied(this.#valued(read, false), applied);
    }
    const some = this.#byValue.find(this.#normalized.key[read] as number, value);
    const latest = this.#byValue.latestBegun(some, returnedAt as number);
    return latest ?? (value === null ? INITIAL : some);
  }

  /** All writes of the read's value; for an absent key, the deletions and the initial state. */
  candidates(read: number, first: number): number[] {
    const { value, returnedAt } = this.#operation(read);
    const writes = this.#likeliestFirst(read, this.#valued(read, false));
    if (value === null) {
      const isLate = (op: number): boolean =>
        this.#operation(op).invokedAt > (returnedAt as number);
      const late = writes.findIndex(isLate);
      writes.splice(late < 0 ? writes.length : late, 0, INITIAL);
    }
    return [first, ...writes.filter((op) => op !== first)];
  }

  /** The writes of the read's value that have no version. */
  withoutVersion(read: number): number[] {
    return this.#likeliestFirst(read, this.#valued(read, true));
  }

  #operation(op: number): Operation {
    return this.#normalized.operations[op] as Operation;
  }

  #addVersion(op: number, [timestamp, id, incarnation]: VersionTuple): void {
    const life = lifeKey({ id, incarnation });
    let writes = this.#byVersion.get(life);
    if (writes === undefined) {
      writes = new Map();
      this.#byVersion.set(life, writes);
    }
    this.#sameVersion[op] = writes.get(timestamp) ?? -1;
    writes.set(timestamp, op);
  }

  /** The writes with this version and value; undefined if no write of the key has the version. */
  named(read: number, [timestamp, id, incarnation]: VersionTuple): number[] | undefined {
    const { key } = this.#normalized;
    const { value } = this.#operation(read);
    let found: number[] | undefined;
    let op = this.#byVersion.get(lifeKey({ id, incarnation }))?.get(timestamp) ?? -1;
    for (; op >= 0; op = this.#sameVersion[op] as number) {
      if (key[op] !== key[read]) continue;
      found ??= [];
      if (writtenValue(this.#operation(op)) === value) found.push(op);
    }
    return found;
  }

  #valued(read: number, isVersionless: boolean): number[] {
    const { key } = this.#normalized;
    const { value } = this.#operation(read);
    const found: number[] = [];
    let op = this.#byValue.find(key[read] as number, value);
    for (; op >= 0; op = this.#byValue.next(op)) {
      if (!isVersionless || this.#operation(op).version === null) found.push(op);
    }
    return found;
  }

  #likeliestFirst(read: number, writes: readonly number[]): number[] {
    if (writes.length <= 1) return [...writes];
    const endedAt = this.#operation(read).returnedAt as number;
    const begunAt = (op: number): number => this.#operation(op).invokedAt;
    // Writes that started before the read ended come first, the latest first; then the others, the
    // earliest first.
    const rank = (op: number): number =>
      begunAt(op) <= endedAt ? endedAt - begunAt(op) : begunAt(op) - endedAt;
    const isLate = (op: number): number => (begunAt(op) <= endedAt ? 0 : 1);
    return [...writes].sort((a, b) => isLate(a) - isLate(b) || rank(a) - rank(b) || a - b);
  }

  #latestApplied(deletions: readonly number[], applied: VectorTuples): number {
    let latest = INITIAL;
    let latestVersion: VersionTuple = [-1, -1, -1];
    for (const op of deletions) {
      const { version } = this.#operation(op);
      if (version === null || !isCovered(applied, version)) continue;
      if (compareVersions(version, latestVersion) < 0) continue;
      latest = op;
      latestVersion = version;
    }
    return latest;
  }
}

/** Whether a server with this vector had applied the write. */
export function isCovered(applied: VectorTuples, version: VersionTuple): boolean {
  const [timestamp, id, incarnation] = version;
  for (const [server, life, upTo] of applied) {
    if (server === id && life === incarnation) return upTo >= timestamp;
  }
  return false;
}

/** Negative if `a` comes first in the servers' total order of writes. */
export function compareVersions(a: VersionTuple, b: VersionTuple): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

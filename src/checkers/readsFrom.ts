// Which write each read has read. A version says it for certain. Without one the value does, if it
// was written only once; where it was not, the possible writes are listed: a doubt.
import type { Operation, VectorTuples, VersionTuple } from '../kernel/history.ts';
import { lifeKey } from '../kernel/ids.ts';
import { type Gathered, isWrite } from './gather.ts';
import { ValueIndex, writtenValue } from './valueIndex.ts';

/** The read saw the key as it was before the first write. */
export const INITIAL = -1;
/** The read gave what nobody wrote. */
export const NOBODY = -2;
/** The read is in doubt, and no candidate has been chosen. */
export const OPEN = -3;

/**
 * How an absent key without a version is explained. To clients absence is a value: the initial
 * state explains it, and any deletion. Asked about servers, what the answering one had applied says
 * which deletion it was, up to those whose version nobody knows.
 */
export type View = 'clients' | 'servers';

/** Reads that had the same write, and the writes that it may have been. */
export interface Doubt {
  readonly reads: readonly number[];
  /** The likeliest candidate. */
  readonly first: number;
  /** Likeliest first; may include `INITIAL`. Worked out when asked for: there may be many. */
  readonly candidates: readonly number[];
  /** Doubts of one group had different writes. Undefined for a read without a version. */
  readonly group: string | undefined;
}

export interface ReadsFrom {
  /** By read: the write that it has read, INITIAL, NOBODY or OPEN. Writes have themselves. */
  readonly from: Int32Array;
  /** They leave those reads open. */
  readonly doubts: readonly Doubt[];
}

export function resolveReads(gathered: Gathered, view: View): ReadsFrom {
  const { operations, recorded } = gathered;
  const from = new Int32Array(operations.length);
  const index = new WriteIndex(gathered, view);
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
  doubts.push(...versions.settle(from));
  for (const { reads } of doubts) for (const read of reads) from[read] = OPEN;
  return { from, doubts };
}

/**
 * Reads whose version no single write has. One version is one write, so all that read it are in
 * doubt together, and other versions of the same value are other writes.
 */
class VersionDoubts {
  readonly #byVersion = new Map<
    string,
    Doubt & { readonly value: string | null; reads: number[] }
  >();
  readonly #groupSizes = new Map<string, number>();

  /** What the read has read, for now. */
  add(read: number, { key, value, version }: Operation, candidates: readonly number[]): number {
    const name = JSON.stringify([key, version]);
    const known = this.#byVersion.get(name);
    if (known !== undefined) {
      if (known.value !== value) return NOBODY;
      known.reads.push(read);
      return OPEN;
    }
    const group = JSON.stringify([key, value]);
    const first = candidates[0] ?? NOBODY;
    this.#byVersion.set(name, { reads: [read], first, candidates, group, value });
    this.#groupSizes.set(group, (this.#groupSizes.get(group) ?? 0) + 1);
    return OPEN;
  }

  /** Writes down what is certain, and gives the rest. */
  *settle(from: Int32Array): Generator<Doubt> {
    for (const doubt of this.#byVersion.values()) {
      const { reads, first, candidates, group } = doubt;
      const isAlone = this.#groupSizes.get(group as string) === 1;
      const isCertain = candidates.length === 0 || (candidates.length === 1 && isAlone);
      if (!isCertain) yield doubt;
      else for (const read of reads) from[read] = first;
    }
  }
}

/** A read without a version, whose value several writes have left. */
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

/** The writes by version and by value. Writes with the same name are chained through `#same...`. */
class WriteIndex {
  readonly #gathered: Gathered;
  readonly #view: View;
  readonly #byVersion = new Map<number, Map<number, number>>();
  readonly #sameVersion: Int32Array;
  readonly #byValue: ValueIndex;

  constructor(gathered: Gathered, view: View) {
    const { operations, recorded } = gathered;
    this.#gathered = gathered;
    this.#view = view;
    this.#sameVersion = new Int32Array(operations.length).fill(-1);
    this.#byValue = new ValueIndex(gathered);
    for (let place = 0; place < recorded.length; place += 1) {
      const op = recorded[place] as number;
      const operation = operations[op] as Operation;
      if (!isWrite(operation)) continue;
      this.#byValue.add(op, writtenValue(operation));
      if (operation.version !== null) this.#addVersion(op, operation.version);
    }
  }

  /** What a read without a version has read, if its value says it. */
  ofValue(read: number): number | Doubt {
    const { value, applied } = this.#operation(read);
    const some = this.#byValue.find(this.#gathered.key[read] as number, value);
    if (some < 0) return value === null ? INITIAL : NOBODY;
    if (value !== null) return this.#byValue.next(some) < 0 ? some : new ReadDoubt(this, read);
    if (this.#view === 'clients' || applied === null) return new ReadDoubt(this, read);
    const candidates = this.#knownToServer(read, applied);
    const [first = INITIAL] = candidates;
    return candidates.length === 1 ? first : { reads: [read], first, candidates, group: undefined };
  }

  /**
   * Of several writes of the read's value, the one that was begun last before the read ended;
   * without looking at each: there may be as many as reads. For an absent key, what the server had
   * applied says more.
   */
  likeliest(read: number): number {
    const { value, applied, returnedAt } = this.#operation(read);
    if (value === null && applied !== null) {
      return this.#latestApplied(this.#valued(read, false), applied);
    }
    const some = this.#byValue.find(this.#gathered.key[read] as number, value);
    const latest = this.#byValue.latestBegun(some, returnedAt as number);
    return latest ?? (value === null ? INITIAL : some);
  }

  /** All writes of the read's value; of an absent key, the deletions and the initial state. */
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

  /** The writes of the read's value that have no version themselves. */
  withoutVersion(read: number): number[] {
    return this.#likeliestFirst(read, this.#valued(read, true));
  }

  /**
   * The deletions that explain an absent key at a server that says what it had applied. It forgets
   * a deletion when all servers have it, so it may be the latest one that it had; or one of which
   * nobody knows the version; or there was none.
   */
  #knownToServer(read: number, applied: VectorTuples): number[] {
    const deletions = this.#valued(read, false);
    const latest = this.#latestApplied(deletions, applied);
    const isUnnamed = (op: number): boolean => this.#operation(op).version === null;
    const unnamed = this.#likeliestFirst(read, deletions.filter(isUnnamed));
    // What was forgotten is not what was read: a session that found nothing was told of nothing.
    return latest === INITIAL ? [INITIAL, ...unnamed] : [latest, ...unnamed, INITIAL];
  }

  #operation(op: number): Operation {
    return this.#gathered.operations[op] as Operation;
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

  /**
   * The writes of the read's value that have this version; undefined if no write of its key has it.
   */
  named(read: number, [timestamp, id, incarnation]: VersionTuple): number[] | undefined {
    const { key } = this.#gathered;
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
    const { key } = this.#gathered;
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
    // The latest first; but what began after the read had ended comes last, the latest at the end.
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

/** Negative if `a` comes first in the servers' one order of all writes. */
export function compareVersions(a: VersionTuple, b: VersionTuple): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

// Which write each read has read. A version says it for certain. Without one the value does, if it
// was written only once; where it was not, the possible writes are listed, and one of them is
// taken.
import type { Operation, VectorTuples, VersionTuple } from '../kernel/history.ts';
import { lifeKey } from '../kernel/ids.ts';
import { type Gathered, isWrite } from './gather.ts';
import { ValueIndex, writtenValue } from './valueIndex.ts';

/** The read saw the key as it was before the first write. */
export const INITIAL = -1;
/** The read gave what nobody wrote. */
export const NOBODY = -2;

/** Reads that had the same write, and the writes that it may have been. */
export interface Doubt {
  readonly reads: readonly number[];
  /** The likeliest candidate. */
  readonly first: number;
  /** Likeliest first; may include `INITIAL`. Worked out when asked for: there may be many. */
  readonly candidates: readonly number[];
  /** Doubts of one group had different writes. */
  readonly group: string | undefined;
}

export interface ReadsFrom {
  /** By read: the write that it has read, INITIAL or NOBODY. Writes have themselves. */
  readonly from: Int32Array;
  readonly doubts: readonly Doubt[];
}

/** `choice` says which candidate each doubt takes, the first where it says nothing. */
export function resolveReads(gathered: Gathered, choice: readonly number[]): ReadsFrom {
  const { operations, recorded } = gathered;
  const from = new Int32Array(operations.length);
  const index = new WriteIndex(gathered);
  const doubts: Doubt[] = [];
  const readsByVersion = new Map<string, number[]>();
  for (let place = 0; place < recorded.length; place += 1) {
    const op = recorded[place] as number;
    const operation = operations[op] as Operation;
    if (isWrite(operation)) {
      from[op] = op;
      continue;
    }
    const only = index.onlyCandidate(op);
    if (only !== undefined) {
      from[op] = only;
      continue;
    }
    const likeliest = index.likeliestOfMany(op);
    if (likeliest !== undefined) {
      doubts.push(new LoneDoubt(index, op, likeliest));
      continue;
    }
    const candidates = index.candidates(op);
    if (candidates.length <= 1) {
      from[op] = candidates[0] ?? NOBODY;
      continue;
    }
    // One version is one write, so all that read it are in doubt together, and other versions of
    // the same value are other writes. A read without a version is in doubt alone.
    const { key, value, version } = operation;
    const name = version === null ? `read ${op}` : JSON.stringify([key, value, version]);
    const known = readsByVersion.get(name);
    if (known !== undefined) {
      known.push(op);
      continue;
    }
    const reads = [op];
    readsByVersion.set(name, reads);
    const group = version === null ? undefined : JSON.stringify([key, value]);
    doubts.push({ reads, first: candidates[0] as number, candidates, group });
  }
  for (const [number, doubt] of doubts.entries()) {
    const chosen = choice[number] ?? 0;
    const taken = chosen === 0 ? doubt.first : (doubt.candidates[chosen] as number);
    for (const read of doubt.reads) from[read] = taken;
  }
  return { from, doubts };
}

/** That of a read without a version. */
class LoneDoubt implements Doubt {
  readonly reads: readonly number[];
  readonly first: number;
  readonly group = undefined;
  readonly #index: WriteIndex;
  #candidates: readonly number[] | undefined;

  constructor(index: WriteIndex, read: number, first: number) {
    this.#index = index;
    this.reads = [read];
    this.first = first;
  }

  get candidates(): readonly number[] {
    this.#candidates ??= this.#index.candidates(this.reads[0] as number);
    return this.#candidates;
  }
}

/** The writes by version and by value. Writes with the same name are chained through `#same...`. */
class WriteIndex {
  readonly #gathered: Gathered;
  readonly #byVersion = new Map<number, Map<number, number>>();
  readonly #sameVersion: Int32Array;
  readonly #byValue: ValueIndex;
  /** By one of several writes of one value to one key: all of them, by their begins. */
  readonly #byBegin = new Map<number, Int32Array>();

  constructor(gathered: Gathered) {
    const { operations, recorded } = gathered;
    this.#gathered = gathered;
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

  /** The quick answer for nearly all reads: no version, and a value that was written once. */
  onlyCandidate(read: number): number | undefined {
    const { value, version } = this.#operation(read);
    if (version !== null || value === null) return undefined;
    const op = this.#byValue.find(this.#gathered.key[read] as number, value);
    return op >= 0 && this.#byValue.next(op) < 0 ? op : undefined;
  }

  /**
   * What `candidates` gives first, where it gives several writes by their values alone, but without
   * looking at each: there may be as many as reads.
   */
  likeliestOfMany(read: number): number | undefined {
    const { value, version, applied } = this.#operation(read);
    if (version !== null || (value === null && applied !== null)) return undefined;
    const some = this.#byValue.find(this.#gathered.key[read] as number, value);
    if (some < 0 || this.#byValue.next(some) < 0) return undefined;
    const writes = this.#sorted(some);
    const endedAt = this.#operation(read).returnedAt as number;
    const begunAt = (op: number): number => this.#operation(op).invokedAt;
    const after = firstWhere(writes.length, (at) => begunAt(writes[at] as number) > endedAt);
    if (after === 0) return writes[0];
    const latest = begunAt(writes[after - 1] as number);
    const begin = firstWhere(after, (at) => begunAt(writes[at] as number) >= latest);
    return writes[begin];
  }

  /** The writes that a read may have read. Deletions are writes of null. */
  candidates(read: number): number[] {
    const { value, version, applied } = this.#operation(read);
    if (version !== null) {
      const named = this.#named(read, version);
      return named.length > 0 ? named : this.#likeliestFirst(read, this.#valued(read, true));
    }
    if (value !== null) return this.#likeliestFirst(read, this.#valued(read, false));
    // A server forgets a deletion when all servers have it, so an absent key without a version may
    // be a deleted one. What the server had applied tells which is likeliest; where it does not
    // say, all are possible.
    const deletions = this.#valued(read, false);
    if (deletions.length === 0) return [INITIAL];
    if (applied === null) return [...this.#likeliestFirst(read, deletions), INITIAL];
    const isUnnamed = (op: number): boolean => this.#operation(op).version === null;
    const unnamed = this.#likeliestFirst(read, deletions.filter(isUnnamed));
    const latest = this.#latestApplied(deletions, applied);
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

  #named(read: number, [timestamp, id, incarnation]: VersionTuple): number[] {
    const { key } = this.#gathered;
    const { value } = this.#operation(read);
    const found: number[] = [];
    let op = this.#byVersion.get(lifeKey({ id, incarnation }))?.get(timestamp) ?? -1;
    for (; op >= 0; op = this.#sameVersion[op] as number) {
      if (writtenValue(this.#operation(op)) === value && key[op] === key[read]) found.push(op);
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

  /** By their begins, those that began at once by their numbers. */
  #sorted(some: number): Int32Array {
    const known = this.#byBegin.get(some);
    if (known !== undefined) return known;
    const writes: number[] = [];
    for (let op = some; op >= 0; op = this.#byValue.next(op)) writes.push(op);
    const begunAt = (op: number): number => this.#operation(op).invokedAt;
    const sorted = Int32Array.from(writes.sort((a, b) => begunAt(a) - begunAt(b) || a - b));
    this.#byBegin.set(some, sorted);
    return sorted;
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

/** The first place from 0 to before `count` where it is true; it stays so from there. */
function firstWhere(count: number, isTrue: (at: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isTrue(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
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

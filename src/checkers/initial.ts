// Represents writes of earlier runs as operations before the history. Each is in a session of its
// own that ended before the history began; those of one key are ordered by version. If all reads
// that returned a write of an earlier run returned the same one, it is the initial value of the
// key: every write of the history comes after it, as after the absence of a new key.
import type { InitialWrite, Operation, VersionTuple } from '../kernel/history.ts';
import { MAX_INCARNATION } from '../kernel/ids.ts';
import { INITIAL_SESSION, isInitial, type Recorded } from './history.ts';
import { isPending, isWrite, type Normalized } from './normalize.ts';
import { compareVersions, INITIAL, OPEN } from './readsFrom.ts';

/** Puts the writes of earlier runs before the operations. */
export function withInitial<One extends Recorded>(
  initial: Iterable<InitialWrite>,
  operations: readonly One[],
): readonly (One | Operation)[] {
  const writes = [...initial];
  if (writes.length === 0) return operations;
  const begin = operations.reduce((least, { invokedAt }) => Math.min(least, invokedAt), 0);
  const sorted = writes.sort((a, b) => compareNullable(a.version, b.version));
  const before = sorted.map((write, place) => toOperation(write, place, sorted.length, begin));
  return [...before, ...operations];
}

function toOperation(
  { key, value, version, outcome, server }: InitialWrite,
  place: number,
  count: number,
  begin: number,
): Operation {
  // Without versions the latest of several writes is unknown, so their intervals overlap.
  const left = version === null ? count : count - place;
  const invokedAt = begin - 2 * left;
  const endedAt = version === null ? begin - 1 : invokedAt + 1;
  return {
    session: INITIAL_SESSION,
    // Greater than any client's incarnation, so that the sessions stay distinct.
    incarnation: MAX_INCARNATION + 2 + place,
    seq: 0,
    kind: value === null ? 'delete' : 'put',
    key,
    value,
    outcome,
    invokedAt,
    returnedAt: outcome === 'ok' ? endedAt : null,
    server,
    version,
    applied: null,
    line: 0,
  };
}

function compareNullable(a: VersionTuple | null, b: VersionTuple | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return compareVersions(a, b);
}

/**
 * Sets the source of reads of initial values to INITIAL in `from`, and sets `isOut` for each
 * operation without effect: initial values, and writes that were overwritten before the history
 * began and never read. Reads that are already out, or open, do not count, but may show that their
 * key has no single initial value.
 */
export function resolveInitial(normalized: Normalized, from: Int32Array, isOut: Uint8Array): void {
  const { operations, key, keys } = normalized;
  const isOpen = new Uint8Array(keys.length);
  for (const op of operations.keys()) if (from[op] === OPEN) isOpen[key[op] as number] = 1;
  const facts = keys.map((_key, number) => new KeyFacts(operations, isOpen[number] === 1));
  const factsOf = (op: number): KeyFacts => facts[key[op] as number] as KeyFacts;
  for (const op of operations.keys()) {
    if (from[op] !== OPEN) factsOf(op).learn(op, from[op] as number);
  }
  for (const [op, operation] of operations.entries()) {
    const known = factsOf(op);
    if (isInitial(operation)) isOut[op] = known.isNeeded(op) ? 0 : 1;
    else if (known.hasOneValue && isFromInitial(operations, from[op] as number)) from[op] = INITIAL;
  }
}

function isFromInitial(operations: readonly Operation[], source: number): boolean {
  return source >= 0 && isInitial(operations[source] as Operation);
}

/** What a history says about one key. */
class KeyFacts {
  readonly #operations: readonly Operation[];
  readonly #isOpen: boolean;
  /** Writes of earlier runs that were read. */
  readonly #read = new Set<number>();
  /** Writes of earlier runs that took effect and have no version: any may be the latest. */
  readonly #unordered: number[] = [];
  /** The write of an earlier run that took effect with the greatest version. */
  #latest: number | undefined;
  #isFoundAbsent = false;
  /** The least version among the writes of the history. */
  #leastWritten: VersionTuple | undefined;

  /** `isOpen` says that there are more reads, of unknown source. */
  constructor(operations: readonly Operation[], isOpen: boolean) {
    this.#operations = operations;
    this.#isOpen = isOpen;
  }

  /** `source` is the write that a read has returned. */
  learn(op: number, source: number): void {
    const operation = this.#operations[op] as Operation;
    if (isInitial(operation)) {
      if (isPending(operation)) return;
      if (operation.version === null) this.#unordered.push(op);
      else if (this.#latest === undefined || this.#isLater(op, this.#latest)) this.#latest = op;
    } else if (isWrite(operation)) {
      this.#wrote(operation.version);
    } else if (source === INITIAL) {
      this.#isFoundAbsent = true;
    } else if (isFromInitial(this.#operations, source)) {
      this.#read.add(source);
    } else {
      this.#wrote(operation.version);
    }
  }

  /**
   * Whether the key has a single initial value: all reads that returned a write of an earlier run
   * returned the same one, no later one has taken effect, and the history has written no smaller
   * version. If it is a deletion, a server that does not know the key looks the same.
   */
  get hasOneValue(): boolean {
    const seen = new Set(this.#read);
    if (this.#isFoundAbsent) seen.add(this.#latest ?? -1);
    const [value = -1] = seen;
    if (this.#isOpen || value < 0 || seen.size > 1) return false;
    const { kind, version, outcome } = this.#operations[value] as Operation;
    // It may have taken effect after the history began.
    if (outcome === 'unknown') return false;
    if (this.#isFoundAbsent && kind !== 'delete') return false;
    if (this.#unordered.some((op) => op !== value)) return false;
    if (this.#latest !== undefined && this.#isLater(this.#latest, value)) return false;
    const least = this.#leastWritten;
    return least === undefined || version === null || compareVersions(version, least) < 0;
  }

  /** Whether the write is one of several candidates for the content before the history. */
  isNeeded(op: number): boolean {
    if (this.hasOneValue) return false;
    if (this.#read.has(op)) return true;
    const isLatest = op === this.#latest || this.#unordered.includes(op);
    return isLatest && (this.#isFoundAbsent || this.#read.size > 0);
  }

  #wrote(version: VersionTuple | null): void {
    if (version === null) return;
    const least = this.#leastWritten;
    if (least === undefined || compareVersions(version, least) < 0) this.#leastWritten = version;
  }

  #isLater(a: number, b: number): boolean {
    const [one, other] = [this.#operations[a]?.version, this.#operations[b]?.version];
    return one != null && other != null && compareVersions(one, other) > 0;
  }
}

// Represents writes of earlier runs as operations before the history. Each is in a session of its
// own that ended before the history began; those of one key are in the order of the store. If all
// reads that returned a write of an earlier run returned the same one, it is the initial value of
// the key: every write of the history comes after it, as after the absence of a new key.
import type { InitialWrite, Operation, VersionTuple } from '../kernel/history.ts';
import { MAX_INCARNATION } from '../kernel/ids.ts';
import { INITIAL_SESSION, isInitial, type Recorded } from './history.ts';
import { isPending, isWrite, type Normalized } from './normalize.ts';
import { greatest, includes, isBefore, least } from './order.ts';
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
  const last = findConcurrent(sorted);
  const ordered = [...sorted.filter((write) => !last.has(write)), ...last];
  const before = ordered.map((write, place) => {
    // Of several writes of unknown order any may be the last, so their intervals overlap.
    const isOpen = write.version === null || last.has(write);
    const least = write.version === null ? 0 : ordered.length - last.size;
    const from = begin - 2 * (ordered.length - (isOpen ? least : place));
    return toOperation(write, place, { from, to: isOpen ? begin - 1 : from + 1 });
  });
  return [...before, ...operations];
}

/** Of each key with contexts, the writes that took effect and that no other such write follows. */
function findConcurrent(writes: readonly InitialWrite[]): ReadonlySet<InitialWrite> {
  const last = new Map<string, readonly InitialWrite[]>();
  for (const write of writes) {
    if (write.context === undefined || write.outcome !== 'ok') continue;
    last.set(write.key, greatest(last.get(write.key) ?? [], write));
  }
  return new Set([...last.values()].flat());
}

function toOperation(
  { key, value, version, context, outcome, server }: InitialWrite,
  place: number,
  { from, to }: { readonly from: number; readonly to: number },
): Operation {
  return {
    session: INITIAL_SESSION,
    // Greater than any client's incarnation, so that the sessions stay distinct.
    incarnation: MAX_INCARNATION + 2 + place,
    seq: 0,
    kind: value === null ? 'delete' : 'put',
    key,
    value,
    outcome,
    invokedAt: from,
    returnedAt: outcome === 'ok' ? to : null,
    server,
    version,
    ...(context !== undefined && { context }),
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
  const facts = keys.map((_key, number) => new KeyFacts(isOpen[number] === 1));
  const factsOf = (op: number): KeyFacts => facts[key[op] as number] as KeyFacts;
  for (const [op, operation] of operations.entries()) {
    const source = from[op] as number;
    if (source === INITIAL) factsOf(op).foundAbsent();
    else if (source !== OPEN) factsOf(op).learn(operation, operations[source]);
  }
  for (const [op, operation] of operations.entries()) {
    const known = factsOf(op);
    const source = operations[from[op] as number];
    if (isInitial(operation)) isOut[op] = known.isNeeded(operation) ? 0 : 1;
    else if (known.hasOneValue && source !== undefined && isInitial(source)) from[op] = INITIAL;
  }
}

/** What a history says about one key. */
class KeyFacts {
  readonly #isOpen: boolean;
  /** Writes of earlier runs that were read. */
  readonly #read = new Set<Operation>();
  /** Writes of earlier runs that took effect and have no version: any may be the latest. */
  readonly #unordered = new Set<Operation>();
  /** The other writes of earlier runs that took effect and that none of them follows. */
  #latest: readonly Operation[] = [];
  #isFoundAbsent = false;
  /** The writes of the history that follow no other one, as far as known. */
  #leastWritten: readonly Operation[] = [];

  /** `isOpen` says that there are more reads, of unknown source. */
  constructor(isOpen: boolean) {
    this.#isOpen = isOpen;
  }

  /** A read has returned the state before any known write. */
  foundAbsent(): void {
    this.#isFoundAbsent = true;
  }

  /** `source` is the write that a read has returned, if any write of the history is. */
  learn(operation: Operation, source: Operation | undefined): void {
    if (isInitial(operation)) {
      if (isPending(operation)) return;
      if (operation.version === null) this.#unordered.add(operation);
      else this.#latest = greatest(this.#latest, operation);
    } else if (!isWrite(operation) && source !== undefined && isInitial(source)) {
      this.#read.add(source);
    } else if (operation.version !== null) {
      this.#leastWritten = least(this.#leastWritten, operation);
    }
  }

  /**
   * Whether the key has a single initial value: all reads that returned a write of an earlier run
   * returned the same one, all others that took effect are earlier, and the history has written
   * only later ones. If it is a deletion, a server that does not know the key looks the same.
   */
  get hasOneValue(): boolean {
    const seen = new Set([...this.#read, ...(this.#isFoundAbsent ? this.#latest : [])]);
    const [value] = seen;
    if (this.#isOpen || value === undefined || seen.size > 1) return false;
    // It may have taken effect after the history began.
    if (value.outcome === 'unknown') return false;
    const isAbsent = value.kind === 'delete' && this.#latest.length > 0;
    if (this.#isFoundAbsent && !isAbsent) return false;
    if (this.#unordered.size > (this.#unordered.has(value) ? 1 : 0)) return false;
    if (value.version === null) return true;
    if (!this.#latest.every((other) => includes(value, other))) return false;
    return this.#leastWritten.every((write) => isBefore(value, write));
  }

  /** Whether the write is one of several candidates for the content before the history. */
  isNeeded(write: Operation): boolean {
    if (this.hasOneValue) return false;
    if (this.#read.has(write)) return true;
    const isLatest = this.#latest.includes(write) || this.#unordered.has(write);
    return isLatest && (this.#isFoundAbsent || this.#read.size > 0);
  }
}

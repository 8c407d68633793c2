// What earlier runs wrote, as operations beside those of the history. Each is a write of a session
// of its own that ended before the history began, those of one key in the order of their versions.
// Where all reads that saw anything of earlier runs saw one write, that is the key's initial value:
// then every write of the history comes after it, as it comes after the absence of a new key.
import type { InitialWrite, Operation, VersionTuple } from '../kernel/history.ts';
import { MAX_INCARNATION } from '../kernel/ids.ts';
import { type Gathered, isPending, isWrite } from './gather.ts';
import { INITIAL_SESSION, isInitial, type Recorded } from './history.ts';
import { compareVersions, INITIAL, OPEN } from './readsFrom.ts';

/** The operations, with such writes before them. */
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
  // Without versions nothing says which of several was the latest: all overlap.
  const left = version === null ? count : count - place;
  const invokedAt = begin - 2 * left;
  const endedAt = version === null ? begin - 1 : invokedAt + 1;
  return {
    session: INITIAL_SESSION,
    // Beyond those of any client, so that sessions stay apart.
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
 * Makes reads of initial values reads of INITIAL in `from`, and sets `isOut` for each operation
 * that plays no part: initial values, and what was overwritten before the history began and was
 * never read. Reads that are out already, or open, say nothing; they may yet show that their key
 * has no one initial value.
 */
export function settleInitial(gathered: Gathered, from: Int32Array, isOut: Uint8Array): void {
  const { operations, key, keys } = gathered;
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

/** What a history knows of one key. */
class KeyFacts {
  readonly #operations: readonly Operation[];
  readonly #isOpen: boolean;
  /** The writes of earlier runs that were read. */
  readonly #read = new Set<number>();
  /** Those that have taken effect, without versions: any may be the latest. */
  readonly #unordered: number[] = [];
  /** The greatest version among those that have taken effect. */
  #latest: number | undefined;
  #isFoundAbsent = false;
  /** The least version that the history has written. */
  #leastWritten: VersionTuple | undefined;

  /** `isOpen` says that there are more reads, of which nothing is known. */
  constructor(operations: readonly Operation[], isOpen: boolean) {
    this.#operations = operations;
    this.#isOpen = isOpen;
  }

  /** `source` is what a read has read. */
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
   * Whether the key has one initial value: one write of an earlier run that all have seen who saw
   * any, none later has taken effect, and the history has written nothing before it. Where it is a
   * deletion, a server that has never heard of the key shows the same.
   */
  get hasOneValue(): boolean {
    const seen = new Set(this.#read);
    if (this.#isFoundAbsent) seen.add(this.#latest ?? -1);
    const [value = -1] = seen;
    if (this.#isOpen || value < 0 || seen.size > 1) return false;
    const { kind, version, outcome } = this.#operations[value] as Operation;
    // It may have taken effect only when the history had begun.
    if (outcome === 'unknown') return false;
    if (this.#isFoundAbsent && kind !== 'delete') return false;
    if (this.#unordered.some((op) => op !== value)) return false;
    if (this.#latest !== undefined && this.#isLater(this.#latest, value)) return false;
    const least = this.#leastWritten;
    return least === undefined || version === null || compareVersions(version, least) < 0;
  }

  /** Whether such a write is one of several that tell what the key had before. */
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

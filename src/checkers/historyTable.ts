// A history as flat arrays of numbers, the form that the checkers work on: histories may have a
// million operations. The operations of one session order have consecutive numbers, so the
// predecessor of `op` in its session is `op - 1`.
import type { Operation } from '../kernel/history.ts';
import { isInitial } from './history.ts';
import { resolveInitial } from './initial.ts';
import { isPending, type Normalized, normalize } from './normalize.ts';
import { type Doubt, OPEN, type ReadsFrom, resolveReads } from './readsFrom.ts';
import { writtenValue } from './valueIndex.ts';

/** Operations, or transactions, in the order of each session. */
export interface SessionOrders {
  readonly sessionOrderCount: number;
  /** Session order `c` has the operations from `starts[c]` to before `starts[c + 1]`. */
  readonly starts: Int32Array;
  readonly sessionOrder: Int32Array;
  /** By session order: the operation that its first one follows, or -1. */
  readonly parent: Int32Array;
}

/**
 * A session order is a list of operations in the order in which one session issued them. An
 * unanswered write that was read has no end, so it is a session order of its own: it comes after
 * the operations that its session issued before it, and before none of the later ones. The table
 * omits unanswered writes that no read has returned (they need not have happened), writes of
 * earlier runs that are the initial value of their key, and reads that the interpretation leaves
 * out.
 */
export interface HistoryTable extends SessionOrders {
  readonly operations: readonly Operation[];
  /** How many session orders belong to sessions; those of unanswered writes follow them. */
  readonly sessionCount: number;
  readonly key: Int32Array;
  readonly keyCount: number;
  readonly isWrite: Uint8Array;
  /** By read: the write that it has returned, INITIAL, THIN_AIR or OPEN. By write: itself. */
  readonly from: Int32Array;
  readonly normalized: Normalized;
  /** By operation: its number in `normalized`. */
  readonly numbers: Int32Array;
}

/** Reads an element that is known to exist. */
export function at(numbers: Int32Array | Uint8Array, index: number): number {
  return numbers[index] as number;
}

/** In place of a candidate's index: the table omits the reads in doubt. */
export const LEFT_OUT = -1;
/** In place of a candidate's index: the table has the reads in doubt, with source OPEN. */
export const LEFT_OPEN = -2;

/** By doubt: the index of the chosen candidate, LEFT_OUT or LEFT_OPEN. */
export type Choice = ArrayLike<number>;

/**
 * All interpretations of a history that does not say which read returned which write. Each choice
 * of candidates gives one history table.
 */
export class Readings {
  readonly normalized: Normalized;
  /** Operation numbers in a doubt are those of `normalized`. */
  readonly doubts: readonly Doubt[];
  readonly #from: Int32Array;
  /** Whether there are writes of earlier runs. */
  readonly #isBegun: boolean;
  #certain: HistoryTable | undefined;

  constructor(normalized: Normalized, { from, doubts }: ReadsFrom, isBegun: boolean) {
    this.normalized = normalized;
    this.#from = from;
    this.doubts = doubts;
    this.#isBegun = isBegun;
  }

  static of(history: readonly Operation[]): Readings {
    const normalized = normalize(history);
    return new Readings(normalized, resolveReads(normalized), history.some(isInitial));
  }

  /** Replaces the doubts. A doubt with one candidate and without a group is resolved. */
  with(doubts: readonly Doubt[]): Readings {
    const from = this.#from.slice();
    const left = doubts.filter(({ reads, first, candidates, group }) => {
      if (candidates.length > 1 || group !== undefined) return true;
      for (const read of reads) from[read] = first;
      return false;
    });
    return new Readings(this.normalized, { from, doubts: left }, this.#isBegun);
  }

  /** The table without the reads in doubt: a violation in it is one in every interpretation. */
  get certain(): HistoryTable {
    this.#certain ??= this.table(this.doubts.map(() => LEFT_OUT));
    return this.#certain;
  }

  table(choice: Choice): HistoryTable {
    const from = this.#from.slice();
    const isOut = new Uint8Array(from.length);
    const isOpen = this.doubts.some((_doubt, number) => choice[number] === LEFT_OPEN);
    for (const [number, doubt] of this.doubts.entries()) {
      const chosen = choice[number] as number;
      for (const read of doubt.reads) {
        if (chosen === LEFT_OUT) isOut[read] = 1;
        else if (chosen !== LEFT_OPEN) from[read] = candidateAt(doubt, chosen);
      }
    }
    if (this.#isBegun) resolveInitial(this.normalized, from, isOut);
    const isRead = findRead(from);
    if (isOpen) markFitting(this.normalized, from, isOut, isRead);
    return tabulate(this.normalized, from, layOut(this.normalized, isRead, isOut));
  }
}

export function candidateAt(doubt: Doubt, index: number): number {
  return index === 0 ? doubt.first : (doubt.candidates[index] as number);
}

/** The table of the most likely interpretation. */
export function createHistoryTable(history: readonly Operation[]): HistoryTable {
  const readings = Readings.of(history);
  return readings.table(readings.doubts.map(() => 0));
}

function tabulate(normalized: Normalized, rawFrom: Int32Array, layout: Layout): HistoryTable {
  const { numbers, order, starts, parents } = layout;
  const size = order.length;
  const sessionOrder = new Int32Array(size);
  for (let c = 0; c + 1 < starts.length; c += 1) sessionOrder.fill(c, starts[c], starts[c + 1]);
  const key = new Int32Array(size);
  const from = new Int32Array(size);
  const writes = new Uint8Array(size);
  const operations = new Array<Operation>(size);
  for (let op = 0; op < size; op += 1) {
    const raw = at(order, op);
    operations[op] = normalized.operations[raw] as Operation;
    key[op] = at(normalized.key, raw);
    const source = at(rawFrom, raw);
    writes[op] = source === raw ? 1 : 0;
    from[op] = source < 0 ? source : at(numbers, source);
  }
  return {
    operations,
    sessionCount: layout.sessionCount,
    sessionOrderCount: starts.length - 1,
    starts: Int32Array.from(starts),
    sessionOrder,
    parent: Int32Array.from(parents),
    key,
    keyCount: normalized.keys.length,
    isWrite: writes,
    from,
    normalized,
    numbers: order,
  };
}

/**
 * Keeps unanswered writes whose value an open read has returned: the read may have returned them.
 */
function markFitting(
  { operations, key }: Normalized,
  from: Int32Array,
  isOut: Uint8Array,
  isRead: Uint8Array,
): void {
  const nameOf = (op: number, value: string | null): string => JSON.stringify([at(key, op), value]);
  const found = new Set<string>();
  for (const [op, operation] of operations.entries()) {
    if (at(from, op) === OPEN && at(isOut, op) === 0) found.add(nameOf(op, operation.value));
  }
  for (const [op, operation] of operations.entries()) {
    if (!isPending(operation)) continue;
    if (found.has(nameOf(op, writtenValue(operation)))) isRead[op] = 1;
  }
}

/** By write: 1 if some read has returned it. */
function findRead(from: Int32Array): Uint8Array {
  const isRead = new Uint8Array(from.length);
  for (let op = 0; op < from.length; op += 1) {
    const source = at(from, op);
    if (source >= 0 && source !== op) isRead[source] = 1;
  }
  return isRead;
}

interface Layout {
  /** By normalized operation: its number in the history table, or -1. */
  readonly numbers: Int32Array;
  /** By number in the history table: the normalized operation. */
  readonly order: Int32Array;
  readonly sessionCount: number;
  readonly starts: readonly number[];
  readonly parents: readonly number[];
}

function layOut(
  { end: ends, starts: sessionStarts }: Normalized,
  isRead: Uint8Array,
  isOut: Uint8Array,
): Layout {
  const numbers = new Int32Array(ends.length).fill(-1);
  const order = new Int32Array(ends.length);
  let count = 0;
  const starts: number[] = [0];
  const parents: number[] = [];
  const pending: { raw: number; parent: number }[] = [];
  let raw = 0;
  for (const end of sessionStarts.slice(1)) {
    const start = count;
    for (; raw < end; raw += 1) {
      if (at(isOut, raw) === 1) continue;
      if (ends[raw] !== Number.POSITIVE_INFINITY) {
        numbers[raw] = count;
        order[count] = raw;
        count += 1;
      } else if (at(isRead, raw) === 1) {
        pending.push({ raw, parent: count > start ? count - 1 : -1 });
      }
    }
    if (count === start) continue;
    starts.push(count);
    parents.push(-1);
  }
  const sessionCount = parents.length;
  for (const { raw: write, parent } of pending) {
    numbers[write] = count;
    order[count] = write;
    count += 1;
    starts.push(count);
    parents.push(parent);
  }
  return { numbers, order: order.subarray(0, count), sessionCount, starts, parents };
}

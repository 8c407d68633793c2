// A history as the checkers see it: numbers in flat arrays, because histories have a million
// operations. Operations are numbered chain by chain, so that "before it in its session" is "one
// less".
import type { Operation } from '../kernel/history.ts';
import { type Gathered, gather, isPending } from './gather.ts';
import { isInitial } from './history.ts';
import { settleInitial } from './initial.ts';
import { type Doubt, OPEN, type ReadsFrom, resolveReads, type View } from './readsFrom.ts';
import { writtenValue } from './valueIndex.ts';

/**
 * A chain is a session, in its own order. A write without an answer that somebody has read stays
 * open to infinity, so it is a chain of its own: after what its session did before it, before
 * nothing that the session did later. One that no read has read need not have happened, and is not
 * here; nor is what an earlier run wrote, as far as it is the initial value of its key, nor a read
 * that the reading leaves out.
 */
export interface Model {
  readonly operations: readonly Operation[];
  /** The chains of the sessions; those of unanswered writes follow. */
  readonly sessionCount: number;
  readonly chainCount: number;
  /** Chain `c` has the operations from `starts[c]` to before `starts[c + 1]`. */
  readonly starts: Int32Array;
  readonly chain: Int32Array;
  /** By chain: the operation that the first of the chain follows, or -1. */
  readonly parent: Int32Array;
  readonly key: Int32Array;
  readonly keyCount: number;
  readonly isWrite: Uint8Array;
  /** By read: the write that it has read, INITIAL, NOBODY or OPEN. Writes have themselves. */
  readonly from: Int32Array;
  readonly gathered: Gathered;
  /** By operation: its number in `gathered`. */
  readonly numbers: Int32Array;
}

/** Reads an element that is known to be there. */
export function at(numbers: Int32Array | Uint8Array, index: number): number {
  return numbers[index] as number;
}

/** In place of a candidate's index: the doubt's reads are not there. */
export const LEFT_OUT = -1;
/** In place of a candidate's index: the doubt's reads are there, and read OPEN. */
export const LEFT_OPEN = -2;

/** By doubt: the index of the candidate that it takes, LEFT_OUT or LEFT_OPEN. */
export type Choice = ArrayLike<number>;

/** A history, and what it leaves open about who read what: each choice gives a model. */
export class Readings {
  readonly gathered: Gathered;
  /** Their numbers are those of `gathered`. */
  readonly doubts: readonly Doubt[];
  readonly #from: Int32Array;
  /** Whether earlier runs have left anything. */
  readonly #isBegun: boolean;
  #certain: Model | undefined;

  constructor(gathered: Gathered, { from, doubts }: ReadsFrom, isBegun: boolean) {
    this.gathered = gathered;
    this.#from = from;
    this.doubts = doubts;
    this.#isBegun = isBegun;
  }

  static of(history: readonly Operation[], view: View): Readings {
    const gathered = gather(history);
    return new Readings(gathered, resolveReads(gathered, view), history.some(isInitial));
  }

  /** With these doubts instead; one that has a single candidate, and is of no group, is none. */
  with(doubts: readonly Doubt[]): Readings {
    const from = this.#from.slice();
    const left = doubts.filter(({ reads, first, candidates, group }) => {
      if (candidates.length > 1 || group !== undefined) return true;
      for (const read of reads) from[read] = first;
      return false;
    });
    return new Readings(this.gathered, { from, doubts: left }, this.#isBegun);
  }

  /** Without the reads in doubt: what breaks this breaks every reading. */
  get certain(): Model {
    this.#certain ??= this.model(this.doubts.map(() => LEFT_OUT));
    return this.#certain;
  }

  model(choice: Choice): Model {
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
    if (this.#isBegun) settleInitial(this.gathered, from, isOut);
    const isRead = findRead(from);
    if (isOpen) markFitting(this.gathered, from, isOut, isRead);
    return tabulate(this.gathered, from, layOut(this.gathered, isRead, isOut));
  }
}

export function candidateAt(doubt: Doubt, index: number): number {
  return index === 0 ? doubt.first : (doubt.candidates[index] as number);
}

/** The likeliest reading of a history. */
export function createModel(history: readonly Operation[]): Model {
  const readings = Readings.of(history, 'clients');
  return readings.model(readings.doubts.map(() => 0));
}

function tabulate(gathered: Gathered, rawFrom: Int32Array, layout: Layout): Model {
  const { numbers, order, starts, parents } = layout;
  const size = order.length;
  const chain = new Int32Array(size);
  for (let c = 0; c + 1 < starts.length; c += 1) chain.fill(c, starts[c], starts[c + 1]);
  const key = new Int32Array(size);
  const from = new Int32Array(size);
  const writes = new Uint8Array(size);
  const operations = new Array<Operation>(size);
  for (let op = 0; op < size; op += 1) {
    const raw = at(order, op);
    operations[op] = gathered.operations[raw] as Operation;
    key[op] = at(gathered.key, raw);
    const source = at(rawFrom, raw);
    writes[op] = source === raw ? 1 : 0;
    from[op] = source < 0 ? source : at(numbers, source);
  }
  return {
    operations,
    sessionCount: layout.sessionCount,
    chainCount: starts.length - 1,
    starts: Int32Array.from(starts),
    chain,
    parent: Int32Array.from(parents),
    key,
    keyCount: gathered.keys.length,
    isWrite: writes,
    from,
    gathered,
    numbers: order,
  };
}

/** Unanswered writes of what an open read has found are there too: it may have read them. */
function markFitting(
  { operations, key }: Gathered,
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

/** By write: whether some read has read it. */
function findRead(from: Int32Array): Uint8Array {
  const isRead = new Uint8Array(from.length);
  for (let op = 0; op < from.length; op += 1) {
    const source = at(from, op);
    if (source >= 0 && source !== op) isRead[source] = 1;
  }
  return isRead;
}

interface Layout {
  /** By gathered operation: its number in the model. */
  readonly numbers: Int32Array;
  /** By number in the model: the gathered operation. */
  readonly order: Int32Array;
  readonly sessionCount: number;
  readonly starts: readonly number[];
  readonly parents: readonly number[];
}

function layOut(
  { end: ends, starts: sessionStarts }: Gathered,
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

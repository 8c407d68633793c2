// A history as the checkers see it: numbers in flat arrays, because histories have a million
// operations. Operations are numbered chain by chain, so that "before it in its session" is "one
// less".
import type { Operation } from '../kernel/history.ts';
import { type Gathered, gather } from './gather.ts';
import { settleInitial } from './initial.ts';
import { type Doubt, resolveReads } from './readsFrom.ts';

/**
 * A chain is a session, in its own order. A write without an answer that somebody has read stays
 * open to infinity, so it is a chain of its own: after what its session did before it, before
 * nothing that the session did later. One that nobody has read need not have happened, and is not
 * here; nor is what an earlier run wrote, as far as it is the initial value of its key.
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
  /** By read: the write that it has read, INITIAL or NOBODY. Writes have themselves. */
  readonly from: Int32Array;
  /** What the history leaves open about who read what; its numbers are those of `gathered`. */
  readonly doubts: readonly Doubt[];
  readonly gathered: Gathered;
  /** By operation: its number in `gathered`. */
  readonly numbers: Int32Array;
}

/** Reads an element that is known to be there. */
export function at(numbers: Int32Array | Uint8Array, index: number): number {
  return numbers[index] as number;
}

/** `choice` says how each doubt is decided; the likeliest way where it says nothing. */
export function createModel(history: readonly Operation[], choice: readonly number[] = []): Model {
  const gathered = gather(history);
  const { from: rawFrom, doubts } = resolveReads(gathered, choice);
  const isLeftOut = settleInitial(gathered, rawFrom);
  const layout = layOut(gathered, findRead(rawFrom), isLeftOut);
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
    doubts,
    gathered,
    numbers: order,
  };
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
  isLeftOut: Uint8Array | undefined,
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
      if (isLeftOut?.[raw] === 1) continue;
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

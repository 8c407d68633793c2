// The causal order CO of a history (Lamport, CACM 1978): the transitive closure of the session
// orders and of "this read returned that write" (POPL 2017, section 2). It is stored as one vector
// clock for each operation.
import { at, type HistoryTable, type SessionOrders } from './historyTable.ts';

/**
 * Row `op` gives, for each session order, how many of its operations are in the causal past of
 * `op`, itself included. With n operations and k session orders it has n k numbers.
 */
export interface CausalPast {
  readonly clocks: Int32Array;
  /** The operations, each one after all operations of its past. */
  readonly order: Int32Array;
}

/** True if `a` is `b` or in its past. */
export function isBefore(table: SessionOrders, clocks: Int32Array, a: number, b: number): boolean {
  const sessionOrder = at(table.sessionOrder, a);
  return (
    at(clocks, b * table.sessionOrderCount + sessionOrder) > a - at(table.starts, sessionOrder)
  );
}

/** The operation that `op` directly follows in its session, or -1. */
export function previous(table: SessionOrders, op: number): number {
  const sessionOrder = at(table.sessionOrder, op);
  return op === at(table.starts, sessionOrder) ? at(table.parent, sessionOrder) : op - 1;
}

/** Returns undefined if CO has a cycle. */
export function createCausalPast(table: HistoryTable): CausalPast | undefined {
  const order = sortCausally(table);
  if (order === undefined) return undefined;
  const { sessionOrderCount: width, sessionOrder, from, starts } = table;
  const clocks = new Int32Array(order.length * width);
  for (const op of order) {
    const row = op * width;
    const before = previous(table, op);
    if (before >= 0) clocks.copyWithin(row, before * width, before * width + width);
    const source = at(from, op);
    if (source >= 0 && source !== op) join(clocks, row, source * width, width);
    const own = at(sessionOrder, op);
    clocks[row + own] = op - at(starts, own) + 1;
  }
  return { clocks, order };
}

/** Sets row `into` to the elementwise maximum of both rows. Returns true if the row has changed. */
export function join(clocks: Int32Array, into: number, other: number, width: number): boolean {
  let hasGrown = false;
  for (let c = 0; c < width; c += 1) {
    const value = clocks[other + c] as number;
    if (value > (clocks[into + c] as number)) {
      clocks[into + c] = value;
      hasGrown = true;
    }
  }
  return hasGrown;
}

/**
 * Topological order: each operation after its predecessor in the session and after the write that
 * it has read. Undefined if there is a cycle.
 */
function sortCausally(table: HistoryTable): Int32Array | undefined {
  const { sessionOrderCount, starts, from, sessionOrder, parent } = table;
  const size = from.length;
  const order = new Int32Array(size);
  const isDone = new Uint8Array(size);
  const next = starts.slice(0, sessionOrderCount);
  // The session orders that wait for an operation, as linked lists.
  const firstWaiting = new Int32Array(size).fill(-1);
  const nextWaiting = new Int32Array(sessionOrderCount).fill(-1);
  const ready = Array.from({ length: sessionOrderCount }, (_, c) => sessionOrderCount - 1 - c);
  let count = 0;
  const obstacle = (op: number): number => {
    const before = op === at(starts, at(sessionOrder, op)) ? at(parent, at(sessionOrder, op)) : -1;
    if (before >= 0 && at(isDone, before) === 0) return before;
    const source = at(from, op);
    return source >= 0 && source !== op && at(isDone, source) === 0 ? source : -1;
  };
  for (let c = ready.pop(); c !== undefined; c = ready.pop()) {
    for (let op = at(next, c); op < at(starts, c + 1); op += 1) {
      const awaited = obstacle(op);
      if (awaited >= 0) {
        next[c] = op;
        nextWaiting[c] = at(firstWaiting, awaited);
        firstWaiting[awaited] = c;
        break;
      }
      order[count] = op;
      count += 1;
      isDone[op] = 1;
      for (let w = at(firstWaiting, op); w >= 0; w = at(nextWaiting, w)) ready.push(w);
    }
  }
  return count === size ? order : undefined;
}

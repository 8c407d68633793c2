// The first step of every checker: groups the operations by session, drops those that do not count,
// and sorts each session in the order of its requests. Throws on a malformed history.
import type { Operation } from '../kernel/history.ts';
import { lifeKey, MAX_NODE_ID } from '../kernel/ids.ts';
import type { Recorded } from './history.ts';
import { HistoryError } from './verdict.ts';

/**
 * The operations that count, session by session, in the order of each session. Omitted are
 * operations that certainly did not happen, reads without an answer, and refused operations
 * (`stale`): a refusal costs availability and says nothing about consistency.
 */
export interface Normalized<One extends Recorded = Operation> {
  readonly operations: readonly One[];
  /** Session `s` has the operations from `starts[s]` to before `starts[s + 1]`. */
  readonly starts: Int32Array;
  /** By operation: the number of its key. */
  readonly key: Int32Array;
  readonly keys: readonly string[];
  readonly start: Float64Array;
  /** Infinity if no answer came. */
  readonly end: Float64Array;
  /**
   * The operation numbers in the order of the input history, which is also their order in memory.
   */
  readonly recorded: Int32Array;
}

export function normalize<One extends Recorded>(history: readonly One[]): Normalized<One> {
  const sessions = sortBySession(history);
  const operations = new Array<One>(sessions.counts.reduce((sum, one) => sum + one, 0));
  let size = 0;
  const numbers = new Int32Array(history.length).fill(-1);
  const starts = new Int32Array(sessions.starts.length);
  for (let session = 0; session + 1 < starts.length; session += 1) {
    const places = sessions.order.subarray(sessions.starts[session], sessions.starts[session + 1]);
    for (let index = 0; index < places.length; index += 1) {
      const place = places[index] as number;
      if (sessions.counts[place] === 0) continue;
      numbers[place] = size;
      operations[size] = history[place] as One;
      size += 1;
    }
    starts[session + 1] = size;
  }
  return { operations, starts, ...tabulate(history, numbers, operations.length) };
}

/** Visits the operations in memory order, for the cache: there may be a million. */
function tabulate(
  history: readonly Recorded[],
  numbers: Int32Array,
  size: number,
): Omit<Normalized, 'operations' | 'starts'> {
  const [key, recorded] = [new Int32Array(size), new Int32Array(size)];
  const [start, end] = [new Float64Array(size), new Float64Array(size)];
  const keys: string[] = [];
  const keyNumbers = new Map<string, number>();
  let count = 0;
  for (let place = 0; place < history.length; place += 1) {
    const op = numbers[place] as number;
    if (op < 0) continue;
    const operation = history[place] as Recorded;
    let number = keyNumbers.get(operation.key);
    if (number === undefined) {
      number = keys.length;
      keyNumbers.set(operation.key, number);
      keys.push(operation.key);
    }
    key[op] = number;
    start[op] = operation.invokedAt;
    end[op] = isPending(operation) ? Number.POSITIVE_INFINITY : (operation.returnedAt as number);
    recorded[count] = op;
    count += 1;
  }
  return { key, keys, start, end, recorded };
}

export function isWrite(operation: Recorded): boolean {
  return operation.kind !== 'get' && operation.kind !== 'elements';
}

/** A write without an answer: it may have happened, may still happen, or never. */
export function isPending(operation: Recorded): boolean {
  return operation.outcome === 'unknown';
}

export function isAnswered({ outcome }: Recorded): boolean {
  return outcome === 'ok' || outcome === 'absent';
}

/** Whether the checkers keep this operation. */
export function doesCount(operation: Recorded): boolean {
  return isAnswered(operation) || (isPending(operation) && isWrite(operation));
}

interface BySession {
  /** Positions in the input history, session by session, in the order of each session. */
  readonly order: Int32Array;
  readonly starts: Int32Array;
  /** By position in the input history: 1 if the operation counts. */
  readonly counts: Uint8Array;
}

/** Groups by session; a session is one incarnation of one client. */
function sortBySession(history: readonly Recorded[]): BySession {
  const numbers = new Map<number | string, number>();
  const session = new Int32Array(history.length);
  const counts = new Uint8Array(history.length);
  const sizes: number[] = [];
  for (let place = 0; place < history.length; place += 1) {
    const operation = history[place] as Recorded;
    const name = nameOf(operation);
    let number = numbers.get(name);
    if (number === undefined) {
      number = sizes.push(0) - 1;
      numbers.set(name, number);
    }
    sizes[number] = (sizes[number] as number) + 1;
    session[place] = number;
    if (doesCount(operation)) counts[place] = 1;
  }
  const starts = new Int32Array(sizes.length + 1);
  for (const [number, size] of sizes.entries()) {
    starts[number + 1] = (starts[number] as number) + size;
  }
  const order = new Int32Array(history.length);
  const next = starts.slice();
  const last = new Array<Recorded | undefined>(sizes.length);
  let isSorted = true;
  for (let place = 0; place < history.length; place += 1) {
    const number = session[place] as number;
    const operation = history[place] as Recorded;
    const former = last[number];
    if (former !== undefined && former.seq >= operation.seq) isSorted = false;
    last[number] = operation;
    order[next[number] as number] = place;
    next[number] = (next[number] as number) + 1;
  }
  if (!isSorted) sortSessions(history, order, starts);
  checkSessions(history, session, isSorted ? undefined : order);
  return { order, starts, counts };
}

/** Identifies the session: for speed by a number, unless it is too large. */
function nameOf({ session, incarnation }: Recorded): number | string {
  return session <= MAX_NODE_ID
    ? lifeKey({ id: session, incarnation })
    : `${session}.${incarnation}`;
}

function sortSessions(history: readonly Recorded[], order: Int32Array, starts: Int32Array): void {
  const seq = (place: number): number => (history[place] as Recorded).seq;
  for (let session = 0; session + 1 < starts.length; session += 1) {
    order.subarray(starts[session], starts[session + 1]).sort((a, b) => seq(a) - seq(b));
  }
}

/**
 * A session has one operation at a time. Only an operation without an answer may still be open when
 * the next one begins.
 */
function checkSessions(
  history: readonly Recorded[],
  session: Int32Array,
  order: Int32Array | undefined,
): void {
  const seqs = new Map<number, number>();
  const endedAt = new Map<number, number>();
  const transactions = new Map<number, string | undefined>();
  for (let index = 0; index < history.length; index += 1) {
    const place = order === undefined ? index : (order[index] as number);
    const operation = history[place] as Recorded;
    const number = session[place] as number;
    if (seqs.get(number) === operation.seq) {
      throw new HistoryError(operation, `two operations are number ${operation.seq}`);
    }
    seqs.set(number, operation.seq);
    const before = endedAt.get(number) ?? Number.NEGATIVE_INFINITY;
    const { transaction } = operation;
    // The operations of one transaction have its times.
    const isWithin = transaction !== undefined && transactions.get(number) === transaction;
    if (transaction !== undefined || transactions.size > 0) transactions.set(number, transaction);
    endedAt.set(number, checkTimes(operation, isWithin ? operation.invokedAt : before));
  }
}

/** Returns the time from which the session may continue. */
function checkTimes(operation: Recorded, endedAt: number): number {
  const { invokedAt, returnedAt } = operation;
  if (!Number.isFinite(invokedAt)) throw new HistoryError(operation, 'it begins at no time');
  if (invokedAt < endedAt) {
    throw new HistoryError(operation, 'it begins before the one before it in its session ends');
  }
  if (returnedAt === null && isAnswered(operation)) {
    throw new HistoryError(operation, 'it has an answer, but no time at which it came');
  }
  if (returnedAt !== null && !(returnedAt >= invokedAt)) {
    throw new HistoryError(operation, 'it ends before it begins');
  }
  return isAnswered(operation) ? (returnedAt as number) : Math.max(endedAt, invokedAt);
}

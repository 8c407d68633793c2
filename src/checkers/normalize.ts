// The first look at a history: whose operation is whose, which of them count, and in what order
// each session asked for them. Says no to what cannot be a history at all.
import type { Operation } from '../kernel/history.ts';
import { lifeKey } from '../kernel/ids.ts';
import type { Recorded } from './history.ts';
import { HistoryError } from './verdict.ts';

/**
 * The operations that count, session by session, each session's in its own order. What certainly
 * did not happen is not there, nor are reads without an answer; a refused operation (`stale`) cost
 * availability and says nothing about consistency.
 */
export interface Normalized<One extends Recorded = Operation> {
  readonly operations: readonly One[];
  /** Session `s` has the operations from `starts[s]` to before `starts[s + 1]`. */
  readonly starts: Int32Array;
  /** The number of an operation's key. */
  readonly key: Int32Array;
  readonly keys: readonly string[];
  readonly start: Float64Array;
  /** Infinity where no answer came. */
  readonly end: Float64Array;
  /** The numbers of the operations in the order of the history, in which they lie in memory. */
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

/** Reads the operations in the order in which they lie in memory: there may be a million. */
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
  return operation.kind !== 'get';
}

/** A write without an answer: it may have happened, may still, or never. */
export function isPending(operation: Recorded): boolean {
  return operation.outcome === 'unknown';
}

export function isAnswered({ outcome }: Recorded): boolean {
  return outcome === 'ok' || outcome === 'absent';
}

/** Whether an operation is one that a checker keeps. */
export function doesCount(operation: Recorded): boolean {
  return isAnswered(operation) || (isPending(operation) && isWrite(operation));
}

interface BySession {
  /** Places in the history, session by session, each session's in its own order. */
  readonly order: Int32Array;
  readonly starts: Int32Array;
  /** By place in the history: 1 if the operation counts. */
  readonly counts: Uint8Array;
}

/** A session is one life of one client. */
function sortBySession(history: readonly Recorded[]): BySession {
  const numbers = new Map<number, number>();
  const session = new Int32Array(history.length);
  const counts = new Uint8Array(history.length);
  const sizes: number[] = [];
  for (let place = 0; place < history.length; place += 1) {
    const operation = history[place] as Recorded;
    const name = lifeKey({ id: operation.session, incarnation: operation.incarnation });
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

function sortSessions(history: readonly Recorded[], order: Int32Array, starts: Int32Array): void {
  const seq = (place: number): number => (history[place] as Recorded).seq;
  for (let session = 0; session + 1 < starts.length; session += 1) {
    order.subarray(starts[session], starts[session + 1]).sort((a, b) => seq(a) - seq(b));
  }
}

/** A session asks for one operation at a time; only one without an answer may stay behind. */
function checkSessions(
  history: readonly Recorded[],
  session: Int32Array,
  order: Int32Array | undefined,
): void {
  const seqs = new Map<number, number>();
  const endedAt = new Map<number, number>();
  for (let index = 0; index < history.length; index += 1) {
    const place = order === undefined ? index : (order[index] as number);
    const operation = history[place] as Recorded;
    const number = session[place] as number;
    if (seqs.get(number) === operation.seq) {
      throw new HistoryError(operation, `two operations are number ${operation.seq}`);
    }
    seqs.set(number, operation.seq);
    const before = endedAt.get(number) ?? Number.NEGATIVE_INFINITY;
    endedAt.set(number, checkTimes(operation, before));
  }
}

/** Gives the time from which on the session may go on. */
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

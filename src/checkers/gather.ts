// The first look at a history: whose operation is whose, which of them count, and in what order
// each session asked for them. Says no to what cannot be a history at all.
import type { Operation } from '../kernel/history.ts';
import { lifeKey } from '../kernel/ids.ts';
import { HistoryError } from './verdict.ts';

/**
 * The operations that count, session by session, each session's in its own order. What certainly
 * did not happen is not there, nor are reads without an answer; a refused operation (`stale`) cost
 * availability and says nothing about consistency.
 */
export interface Gathered {
  readonly operations: readonly Operation[];
  /** Session `s` has the operations from `starts[s]` to before `starts[s + 1]`. */
  readonly starts: readonly number[];
  /** The number of an operation's key. */
  readonly key: Int32Array;
  readonly keys: readonly string[];
}

export function gather(history: readonly Operation[]): Gathered {
  const operations: Operation[] = [];
  const starts: number[] = [];
  for (const session of sessionsOf(history)) {
    starts.push(operations.length);
    checkSession(session);
    for (const operation of session) if (counts(operation)) operations.push(operation);
  }
  starts.push(operations.length);
  const key = new Int32Array(operations.length);
  const keys: string[] = [];
  const keyNumbers = new Map<string, number>();
  for (const [index, operation] of operations.entries()) {
    let number = keyNumbers.get(operation.key);
    if (number === undefined) {
      number = keys.length;
      keyNumbers.set(operation.key, number);
      keys.push(operation.key);
    }
    key[index] = number;
  }
  return { operations, starts, key, keys };
}

export function isWrite(operation: Operation): boolean {
  return operation.kind !== 'get';
}

/** A write without an answer: it may have happened, may still, or never. */
export function isPending(operation: Operation): boolean {
  return operation.outcome === 'unknown';
}

export function isAnswered({ outcome }: Operation): boolean {
  return outcome === 'ok' || outcome === 'absent';
}

function counts(operation: Operation): boolean {
  return isAnswered(operation) || (isPending(operation) && isWrite(operation));
}

/** The operations of each life of each client, by their number. */
function sessionsOf(history: readonly Operation[]): Operation[][] {
  const sessions = new Map<number, Operation[]>();
  for (const operation of history) {
    const name = lifeKey({ id: operation.session, incarnation: operation.incarnation });
    const session = sessions.get(name);
    if (session === undefined) sessions.set(name, [operation]);
    else session.push(operation);
  }
  for (const session of sessions.values()) {
    if (!isSorted(session)) session.sort((a, b) => a.seq - b.seq);
  }
  return [...sessions.values()];
}

function isSorted(session: readonly Operation[]): boolean {
  for (let index = 1; index < session.length; index += 1) {
    if ((session[index - 1] as Operation).seq > (session[index] as Operation).seq) return false;
  }
  return true;
}

/** A session asks for one operation at a time; only one without an answer may stay behind. */
function checkSession(session: readonly Operation[]): void {
  let seq = -1;
  let endedAt = Number.NEGATIVE_INFINITY;
  for (const operation of session) {
    const { invokedAt, returnedAt } = operation;
    if (operation.seq === seq)
      throw new HistoryError(operation, `two operations are number ${seq}`);
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
    seq = operation.seq;
    endedAt = isAnswered(operation) ? (returnedAt as number) : Math.max(endedAt, invokedAt);
  }
}

// The history of a run: the initial writes, and one record for each operation that a client was
// asked to do. It is all that the checkers need of a run.
import type { NodeId } from './ids.ts';

/**
 * `[timestamp, server, incarnation]`: the identity of a write, and its position in the total order
 * of all writes.
 */
export type VersionTuple = readonly [number, number, number];

/** How many writes of each life of a server were applied: `[server, incarnation, timestamp]`. */
export type VectorTuples = readonly (readonly [number, number, number])[];

/**
 * A set of writes of one key: of each life of a server, those with a timestamp above `after` and up
 * to `upTo`. Entries are `[server, incarnation, after, upTo]`, sorted, and do not overlap.
 */
export type ContextTuples = readonly (readonly [number, number, number, number])[];

/** A write that a server recovered from its log at the beginning of a life. It is JSON. */
export type RecoveredWrite = {
  readonly key: string;
  /** Null for a deletion. */
  readonly value: string | null;
  /** Null if the protocol gives writes no versions. */
  readonly version: VersionTuple | null;
  /** As in an operation. */
  readonly context?: ContextTuples;
  /** `ok` if it has taken effect; `unknown` if the server cannot know whether it has or will. */
  readonly outcome: 'ok' | 'unknown';
};

/**
 * A write of an earlier run on the same data. A server held it when it joined this run for the
 * first time, which may be late: several servers may bring different versions of a key.
 */
export interface InitialWrite extends RecoveredWrite {
  readonly server: NodeId;
}

/**
 * How an operation ended.
 * - `ok`: answered. A get of an absent key is `absent` instead.
 * - `stale`: refused with ERR_DEP, because the server lacked writes that the session depends on.
 * - `fail`: certainly had no effect.
 * - `unknown`: no answer after sending: it may have taken effect, or may still do so.
 */
export type Outcome = 'ok' | 'absent' | 'stale' | 'fail' | 'unknown';

/** How scripts and verdicts write the empty value. */
export const EMPTY_VALUE = '""';

/** A value as a script writes it; `null` for no value. */
export function showValue(value: string | null): string {
  return value === '' ? EMPTY_VALUE : String(value);
}

/** As `showValue`, but quoted where blanks would hide its end among other words. */
export function showWord(value: string | null): string {
  return value !== null && /^"|\s/.test(value) ? JSON.stringify(value) : showValue(value);
}

/** How many elements of a set are shown. */
const MOST_ELEMENTS = 8;

/** `{a, b}`, sorted, and of a large set the first elements and how many more there are. */
export function showElements(elements: readonly string[]): string {
  return `{${listElements(elements)}}`;
}

/** As `showElements`, without the braces. */
export function listElements(elements: readonly string[]): string {
  const shown = sortElements(elements).slice(0, MOST_ELEMENTS).map(showValue);
  if (elements.length > shown.length) shown.push(`${elements.length - shown.length} more`);
  return shown.join(', ');
}

const WHOLE = /^-?[0-9]{1,15}$/;

/** Numbers first and by their size; others by code units. */
export function sortElements(elements: readonly string[]): string[] {
  return [...elements].sort(compareElements);
}

function compareElements(a: string, b: string): number {
  const [isNumber, isOther] = [WHOLE.test(a), WHOLE.test(b)];
  if (isNumber && isOther && a !== b) return Number(a) - Number(b);
  if (isNumber !== isOther) return isNumber ? -1 : 1;
  return a < b ? -1 : Number(a > b);
}

/** One of several concurrent values of a key, with the version of its write. */
export interface Sibling {
  readonly value: string | null;
  readonly version: VersionTuple | null;
}

/** Each value once, sorted by code units. A tombstone beside values is no value. */
export function distinctValues(siblings: readonly Sibling[]): string[] {
  return [...new Set(siblings.flatMap(({ value }) => value ?? []))].sort();
}

/** The fields of every operation, whatever it does. */
interface Asked {
  readonly session: NodeId;
  readonly incarnation: number;
  /** Counts the session's operations from 0, in the order of their invocations. */
  readonly seq: number;
  readonly key: string;
  readonly outcome: Outcome;
  /** Milliseconds of the world's time, as the master measured them. */
  readonly invokedAt: number;
  /** Null if no answer came back. */
  readonly returnedAt: number | null;
  /** The server that answered, or null. */
  readonly server: NodeId | null;
  /** The version that was written or read, or null. */
  readonly version: VersionTuple | null;
  /**
   * Only with a protocol that keeps concurrent values: the writes of the key that those written or
   * read include, themselves among them. A write comes before another exactly if the other's
   * context has it. Versions are then no order of the writes, although a write's version is greater
   * than those that its context has.
   */
  readonly context?: ContextTuples;
  /** The writes that the answering server had applied when it answered; null if it does not say. */
  readonly applied: VectorTuples | null;
  /** The line of the script that caused it. */
  readonly line: number;
  /**
   * The name of its transaction, which is unique in the history; absent if the operation is a
   * transaction by itself. The operations of a transaction follow each other in their session, and
   * have one outcome, or are `ok` and `absent`.
   */
  readonly transaction?: string;
  /**
   * The operation's number within its line, from 1; absent if the line asks for one operation only.
   */
  readonly number?: number;
  /** The modifiers of the operation, such as its consistency level; absent without any. */
  readonly modifiers?: readonly string[];
}

/** An operation that every protocol has. */
export interface Operation extends Asked {
  readonly kind: 'put' | 'get' | 'delete';
  /**
   * The value that was put or that a get returned; null for a delete or an absent key. The first of
   * `siblings`, if a get returned several.
   */
  readonly value: string | null;
  /** Only of a get that returned several values: all of them. */
  readonly siblings?: readonly Sibling[];
}

export type Side = 'left' | 'right';

/**
 * Adds its value at one end of the text of the key. An absent key counts as the empty text, and
 * exists afterwards, also if nothing was added.
 */
export interface Append extends Asked {
  readonly kind: 'append';
  readonly value: string;
  /** `right` if absent. */
  readonly side?: Side;
}

/**
 * Removes the character at one end of the text of the key and returns it; of the empty text it
 * returns the empty text. An absent key stays absent.
 */
export interface Pop extends Asked {
  readonly kind: 'pop';
  /** The character; null for an absent key, or if no answer came. */
  readonly value: string | null;
  readonly side: Side;
}

/** Writes its value if the key has the expected one; the value of an absent key is null. */
export interface CompareAndSet extends Asked {
  readonly kind: 'cas';
  readonly value: string;
  readonly expected: string | null;
  /** Whether it wrote, so whether the expectation was right; null if no answer came. */
  readonly isSet: boolean | null;
  /** What it found, if the answer says so; its value is the expected one exactly if it wrote. */
  readonly found?: Sibling;
}

/**
 * Adds to the whole number of the key, which an absent key has as 0. It fits no text that is not a
 * whole number.
 */
export interface Add extends Asked {
  readonly kind: 'add';
  /** How much, in decimal digits, perhaps with a minus sign. */
  readonly value: string;
  /** The number afterwards, if the answer says it. */
  readonly sum?: string;
}

/**
 * Puts its element into the set of the key, or takes it out. An absent key is the empty set. A key
 * that is a set has no operations but these and `elements`.
 */
export interface SetChange extends Asked {
  readonly kind: 'insert' | 'remove';
  /** The element. */
  readonly value: string;
}

/** Reads the whole set of the key. */
export interface SetRead extends Asked {
  readonly kind: 'elements';
  readonly value: null;
  /** In any order. Empty if no answer came. An element that is here twice breaks every level. */
  readonly elements: readonly string[];
}

/** An operation on a set. */
export type SetOperation = SetChange | SetRead;

/** An operation of any kind that a history can have. */
export type Recorded = Operation | Append | Pop | CompareAndSet | Add | SetOperation;

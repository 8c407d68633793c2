// What registers held before the history, as a user tells it for a file that cannot say it. Other
// tools have it in their models: a Knossos register begins with the value that its test names.
import type { History, Recorded } from '../checkers/history.ts';
import type { InitialWrite } from '../kernel/history.ts';
import type { Datum } from './datum.ts';
import { FormatError } from './format.ts';
import { type IsWritable, textOf } from './texts.ts';

const NEVER = Number.POSITIVE_INFINITY;

export interface InitialValue {
  /** Undefined for all keys that are not named. */
  readonly key: string | undefined;
  readonly value: string;
}

/** What begins so is a value, not a key. */
const VALUE = /^["[({#]/;

/**
 * Reads `0`, `"a=b"`, or `x=0,y=1`. A value after a key may have commas if no `=` follows them.
 */
export function readInitialValues(text: string): InitialValue[] {
  if (!text.includes('=') || VALUE.test(text)) return [{ key: undefined, value: text }];
  return text.split(/,(?=[^,=]*=)/).map((part) => {
    const at = part.indexOf('=');
    return { key: part.slice(0, at), value: part.slice(at + 1) };
  });
}

/** Reads a word as a value of a notation; a word that stands for none is a string. */
export function createWordReader(
  read: (text: string) => readonly Datum[],
  isWritable: IsWritable,
): (word: string) => string | null {
  return (word) => {
    try {
      const [datum, ...more] = read(word);
      if (datum !== undefined && more.length === 0) return textOf(datum, isWritable);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    return textOf(word, isWritable);
  };
}

export interface Initialized {
  readonly history: History;
  /** The keys that were named, and that no operation uses. */
  readonly unused: readonly string[];
}

/**
 * Adds the values to the history. `toText` says how its format writes a value, null for absence.
 * Throws FormatError if the history itself tells another initial value.
 */
export function withInitialValues(
  history: History,
  values: readonly InitialValue[],
  toText: (word: string) => string | null,
): Initialized {
  if (values.length === 0) return { history, unused: [] };
  const keys = new Set(history.operations.map(({ key }) => key));
  const given = new Set((history.initial ?? []).map(({ key }) => key));
  const told = new Map<string, string | null>();
  const unused: string[] = [];
  for (const { key: word, value } of values) {
    const key = word === undefined ? undefined : (toText(word) ?? word);
    if (key === undefined) continue;
    if (given.has(key)) throw new FormatError(1, `the file has an initial value of ${key} itself`);
    if (keys.has(key)) told.set(key, toText(value));
    else unused.push(key);
  }
  const shared = values.findLast(({ key }) => key === undefined);
  for (const key of shared === undefined ? [] : keys) {
    if (!told.has(key) && !given.has(key)) told.set(key, toText((shared as InitialValue).value));
  }
  const writes = [...told].flatMap(([key, value]): InitialWrite[] =>
    value === null ? [] : [{ key, value, version: null, outcome: 'ok', server: 0 }],
  );
  return { history: { ...history, initial: [...(history.initial ?? []), ...writes] }, unused };
}

/**
 * The first operation that found a value of its key which nothing can have written by then, before
 * any write of the key had ended: its key may have begun with this value. Undefined if there is
 * none. Keys with an initial value are left out.
 */
export function findUnwritten({
  initial = [],
  operations,
  isTimed,
}: History): Recorded | undefined {
  const given = new Set(initial.map(({ key }) => key));
  const begun = new Map<string, number>();
  const ended = new Map<string, number>();
  const nameOf = (key: string, value: string | null): string => JSON.stringify([key, value]);
  for (const { kind, key, value, invokedAt, returnedAt, outcome } of operations) {
    if (kind === 'get' || kind === 'pop' || outcome === 'fail' || outcome === 'stale') continue;
    const name = nameOf(key, value);
    begun.set(name, Math.min(begun.get(name) ?? NEVER, invokedAt));
    ended.set(key, Math.min(ended.get(key) ?? NEVER, returnedAt ?? NEVER));
  }
  return operations.find((operation) => {
    const { key, version, invokedAt, returnedAt } = operation;
    const found = foundBy(operation);
    if (found === null || version !== null || given.has(key)) return false;
    const writtenAt = begun.get(nameOf(key, found));
    if (!isTimed) return writtenAt === undefined;
    const isEarly = !((ended.get(key) ?? NEVER) < invokedAt);
    return isEarly && !((writtenAt ?? NEVER) <= (returnedAt ?? NEVER));
  });
}

/** The value that the operation has seen; null if it has seen none. */
function foundBy(operation: Recorded): string | null {
  if (operation.outcome !== 'ok') return null;
  if (operation.kind === 'get') return operation.value;
  return operation.kind === 'cas' && operation.isSet === true ? operation.expected : null;
}

// What registers held before the history, as a user tells it for a file that cannot say it. Other
// tools have it in their models: a Knossos register begins with the value that its test names.
import { type History, isOfSet, type Recorded } from '../checkers/history.ts';
import type { InitialWrite } from '../kernel/history.ts';
import { COUNTER_START, findCounters } from './counters.ts';
import type { Datum } from './datum.ts';
import { type Format, type InitialValue, InitialValueError } from './format.ts';
import { type IsWritable, textOf } from './texts.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** What begins so is meant to be a value of a notation, and not a word. */
const VALUE = /^["[({#]/;
const STRING = /"(?:[^"\\]|\\.)*"/g;
const BRACKETS = /[[({][^[\](){}]*[\])}]/g;

/**
 * Reads `0`, `"a=b"`, or `x=0,y={"a":1,"b":2}`. Outside of strings and brackets, a value may have
 * commas if no `=` follows them.
 */
export function readInitialValues(text: string): InitialValue[] {
  let at = 0;
  return withoutInner(text)
    .split(/,(?=[^,=]*=)/)
    .map((part) => {
      const whole = text.slice(at, at + part.length);
      at += part.length + 1;
      const equals = part.indexOf('=');
      if (equals < 0) return { key: undefined, value: whole };
      return { key: whole.slice(0, equals), value: whole.slice(equals + 1) };
    });
}

/** The text with `_` for each character of a string or within brackets. */
function withoutInner(text: string): string {
  const blank = (part: string): string => '_'.repeat(part.length);
  let shown = text.replace(STRING, blank);
  while (shown.search(BRACKETS) >= 0) shown = shown.replace(BRACKETS, blank);
  return shown;
}

/**
 * Reads a word as a value of a notation; a word that stands for none is a string. Throws
 * InitialValueError for an empty word, and for a part of a value.
 */
export function createWordReader(
  read: (text: string) => readonly Datum[],
  isWritable: IsWritable,
): (word: string) => string | null {
  return (word) => {
    if (word.trim() === '') throw new InitialValueError('nothing; the empty string is ""');
    let why = 'not one value';
    try {
      const [datum, ...more] = read(word);
      if (datum !== undefined && more.length === 0) return textOf(datum, isWritable);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      why = error.message;
    }
    if (VALUE.test(word)) throw new InitialValueError(`${word}: ${why}`);
    return textOf(word, isWritable);
  };
}

/** Lets the reader of a format take what keys held before the history. */
export function takeInitialValues(format: Format): Format {
  return {
    ...format,
    createReader: () => {
      const reader = format.createReader();
      let notes: readonly string[] = [];
      return {
        take: (text, line) => reader.take(text, line),
        end: (initial = []) => {
          const { history, unused } = withInitialValues(reader.end(), initial, format);
          if (unused.length > 0) notes = [`no operation uses ${unused.join(', ')}`];
          reader.check?.(history);
          return history;
        },
        get notes() {
          return [...reader.notes, ...notes];
        },
      };
    },
  };
}

interface Initialized {
  readonly history: History;
  /** The keys that were named, and that no operation uses. */
  readonly unused: readonly string[];
}

/**
 * Adds the values to the history, and what counters begin with where its format has them. Throws
 * InitialValueError if the history itself tells another initial value, and for a set.
 */
function withInitialValues(
  history: History,
  values: readonly InitialValue[],
  { toText, hasCounters }: Format,
): Initialized {
  const counters = findCounters(hasCounters ? history.operations : []);
  if (values.length === 0 && counters.size === 0) return { history, unused: [] };
  const keys = new Set(history.operations.map(({ key }) => key));
  const given = new Set((history.initial ?? []).map(({ key }) => key));
  const told = new Map<string, string | null>();
  const unused: string[] = [];
  for (const { key: word, value } of values) {
    const key = word === undefined ? undefined : (toText(word) ?? word);
    if (key === undefined) continue;
    if (given.has(key)) {
      throw new InitialValueError(`${key}: the history itself tells its initial value`);
    }
    if (keys.has(key)) told.set(key, toText(value));
    else unused.push(key);
  }
  const shared = values.findLast(({ key }) => key === undefined);
  const sharedText = shared === undefined ? null : toText(shared.value);
  for (const key of keys) if (!told.has(key) && !given.has(key)) told.set(key, sharedText);
  const writes = [...told].flatMap(([key, text]): InitialWrite[] => {
    const value = text ?? (counters.has(key) ? COUNTER_START : null);
    return value === null ? [] : [{ key, value, version: null, outcome: 'ok', server: 0 }];
  });
  const begun = new Set(writes.map(({ key }) => key));
  const set = history.operations.find((one) => isOfSet(one) && begun.has(one.key));
  if (set !== undefined) {
    throw new InitialValueError(`${set.key}: it is a set (line ${set.line}), and sets begin empty`);
  }
  return { history: { ...history, initial: [...(history.initial ?? []), ...writes] }, unused };
}

/**
 * The first operation that found a value of its key which no operation can have written, or tried
 * to write, by then, before any write of the key had ended: its key may have begun with this value.
 * Undefined if there is none. Keys with an initial value are left out.
 */
export function findUnwritten({
  initial = [],
  operations,
  isTimed,
}: History): Recorded | undefined {
  const given = new Set(initial.map(({ key }) => key));
  const nameOf = (key: string, value: string | null): string => JSON.stringify([key, value]);
  const [begun, appended, ended] = [new Earliest(), new Earliest(), new Earliest()];
  for (const operation of operations) {
    const { kind, key, value, invokedAt, returnedAt } = operation;
    if (kind === 'get' || kind === 'pop' || kind === 'elements') continue;
    begun.add(nameOf(key, value), invokedAt);
    if (kind === 'append' || kind === 'add') appended.add(key, invokedAt);
    if (hasWritten(operation)) ended.add(key, returnedAt ?? NEVER);
  }
  return operations.find((operation) => {
    const { key, version, invokedAt, returnedAt } = operation;
    const found = foundBy(operation);
    if (found === null || version !== null || given.has(key)) return false;
    const writtenAt = Math.min(begun.of(nameOf(key, found)), appended.of(key));
    if (!isTimed) return writtenAt === NEVER;
    return ended.of(key) >= invokedAt && writtenAt > (returnedAt ?? NEVER);
  });
}

/** The earliest time by name. */
class Earliest {
  readonly #times = new Map<string, number>();

  add(name: string, time: number): void {
    this.#times.set(name, Math.min(this.of(name), time));
  }

  of(name: string): number {
    return this.#times.get(name) ?? NEVER;
  }
}

/** Whether a write has taken effect, or may have. */
function hasWritten({ outcome, ...operation }: Recorded): boolean {
  const isRefused = operation.kind === 'cas' && operation.isSet === false;
  return outcome !== 'fail' && outcome !== 'stale' && !isRefused;
}

/** The value that the operation has seen; null if it has seen none. */
function foundBy(operation: Recorded): string | null {
  if (operation.outcome !== 'ok') return null;
  if (operation.kind === 'get') return operation.value;
  return operation.kind === 'cas' && operation.isSet === true ? operation.expected : null;
}

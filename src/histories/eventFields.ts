// The fields of one event of a Jepsen history, checked. Fields of other names are not read; but one
// that may name the key is refused, since without it all keys would be one register.
import { type Compound, type Datum, printEdn, wordOf } from './datum.ts';
import type { EventTime, ProcessName } from './eventLog.ts';
import { FormatError } from './format.ts';
import { wholeOf } from './numbers.ts';
import { PlainMapReader } from './plainMap.ts';

export type EventType = 'invoke' | 'ok' | 'fail' | 'info';

export interface EventFields {
  readonly process: ProcessName;
  readonly type: EventType;
  readonly f: Datum | undefined;
  readonly value: Datum | undefined;
  readonly time: EventTime;
  /** What the field `key` has; undefined without one. */
  readonly key: Datum | undefined;
  readonly error: string | undefined;
}

/** Jepsen's process that disturbs the system. Its events are not operations. */
const NEMESIS = 'nemesis';
/** What Jepsen writes for a number that is not known. */
const NOT_KNOWN = -1;
/** Fields that name the key of an operation in other tools' words. */
const LIKE_KEY: ReadonlySet<string> = new Set([
  ...['register', 'reg', 'object', 'obj', 'variable', 'var', 'cell', 'item', 'account', 'row'],
  ...['slot', 'resource', 'table', 'bucket', 'path', 'key-name', 'keyname', 'key_name'],
]);

const NAMES = ['process', 'type', 'f', 'value', 'time', 'index', 'error', 'key', 'k'];
/** By place in `NAMES`; undefined for a field that is not there. */
export type FieldValues = readonly (Datum | undefined)[];

export class EventFieldReader {
  readonly #plain: PlainMapReader;
  #index: number | bigint = NOT_KNOWN;
  /** By field that is like a key: what the first event has there. */
  readonly #likeKeys = new Map<string, string>();

  constructor(isJson: boolean) {
    this.#plain = new PlainMapReader(NAMES, isJson);
  }

  /** The fields of an event on one usual line; undefined if another reader is to judge the line. */
  valuesOfLine(text: string): FieldValues | undefined {
    return this.#plain.read(text);
  }

  valuesOf({ items }: Compound, line: number): FieldValues {
    const values: (Datum | undefined)[] = NAMES.map(() => undefined);
    for (let at = 0; at < items.length; at += 2) {
      const name = wordOf(items[at]);
      const place = name === undefined ? -1 : NAMES.indexOf(name);
      const datum = items[at + 1] as Datum;
      if (place < 0) this.#checkLikeKey(name, datum, line);
      else values[place] = datum;
    }
    return values;
  }

  /** Undefined for an event that is not one of a client. */
  read(values: FieldValues, line: number): EventFields | undefined {
    const [process, type, f, value, time, index, error, key, short] = values;
    this.#checkIndex(index, line);
    const client = readProcess(process, line);
    if (client === undefined) return undefined;
    return {
      process: client,
      type: readType(type, line),
      f: f ?? undefined,
      value,
      time: readTime(time, line),
      key: readKey(key, short, line),
      error: wordOf(error),
    };
  }

  #checkIndex(datum: Datum | undefined, line: number): void {
    const index = wholeOf(datum);
    if (datum === undefined || datum === null || index === NOT_KNOWN) return;
    if (index === undefined || index < 0) {
      throw new FormatError(line, `index is ${printEdn(datum)}, not a whole number`);
    }
    if (index <= this.#index) {
      const why = `index ${index} after ${this.#index}`;
      throw new FormatError(line, `${why}: the events are not in their order`);
    }
    this.#index = index;
  }

  /** A field that never changes names no key. */
  #checkLikeKey(name: string | undefined, datum: Datum, line: number): void {
    if (name === undefined || !LIKE_KEY.has(name)) return;
    const text = printEdn(datum);
    const first = this.#likeKeys.get(name) ?? text;
    this.#likeKeys.set(name, first);
    if (text === first) return;
    const why = `the field ${name} has ${text}, and had ${first}`;
    throw new FormatError(line, `${why}: a key is named by the field key, or by [key value]`);
  }
}

export function readType(datum: Datum | undefined, line: number): EventType {
  const type = readWord('type', datum ?? undefined, line);
  if (type === undefined) throw new FormatError(line, 'it has no type');
  if (isType(type)) return type;
  throw new FormatError(line, `unknown type: ${type}`);
}

function isType(word: string): word is EventType {
  return word === 'invoke' || word === 'ok' || word === 'fail' || word === 'info';
}

/** The name of the keyword or string that the field has; undefined if it has none. */
export function readWord(name: string, datum: Datum | undefined, line: number): string | undefined {
  const word = wordOf(datum);
  if (word !== undefined || datum === undefined) return word;
  throw new FormatError(line, `${name} is ${printEdn(datum)}, not a keyword or a string`);
}

/** Undefined for the nemesis. */
function readProcess(datum: Datum | undefined, line: number): ProcessName | undefined {
  if (datum === undefined || datum === null) throw new FormatError(line, 'it has no process');
  const name = wordOf(datum);
  if (name !== undefined) return name === NEMESIS ? undefined : printEdn(datum);
  const number = wholeOf(datum);
  if (number !== undefined && number >= 0) return number;
  throw new FormatError(line, `${printEdn(datum)} is no process`);
}

function readTime(datum: Datum | undefined, line: number): EventTime {
  if (datum === undefined || datum === null || datum === NOT_KNOWN) return undefined;
  const time = wholeOf(datum);
  if (time !== undefined && time >= 0) return time;
  throw new FormatError(line, `${printEdn(datum)} is no time in whole nanoseconds`);
}

function readKey(
  key: Datum | undefined,
  short: Datum | undefined,
  line: number,
): Datum | undefined {
  const isTwo = key !== undefined && key !== null && short !== undefined && short !== null;
  if (isTwo) throw new FormatError(line, 'it has a field key and a field k');
  return key ?? short ?? undefined;
}

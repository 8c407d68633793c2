// The fields of one event of a Jepsen history, checked. Fields of other names are not read; but one
// that may name the key is refused, since without it all keys would be one register.
import { type Compound, type Datum, Keyword, printEdn, wordOf } from './datum.ts';
import type { EventTime, ProcessName } from './eventLog.ts';
import { FormatError } from './format.ts';
import { wholeOf } from './numbers.ts';

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

export class EventFieldReader {
  #index: number | bigint = NOT_KNOWN;
  /** By field that is like a key: what the first event has there. */
  readonly #likeKeys = new Map<string, string>();

  /** Undefined for an event that is not one of a client. */
  read({ items }: Compound, line: number): EventFields | undefined {
    let process: Datum | undefined;
    let type: Datum | undefined;
    let f: Datum | undefined;
    let value: Datum | undefined;
    let time: Datum | undefined;
    let index: Datum | undefined;
    let error: Datum | undefined;
    let key: Datum | undefined;
    let short: Datum | undefined;
    for (let at = 0; at < items.length; at += 2) {
      const name = items[at];
      const datum = items[at + 1] as Datum;
      switch (name instanceof Keyword ? name.name : name) {
        case 'process':
          process = datum;
          break;
        case 'type':
          type = datum;
          break;
        case 'f':
          f = datum;
          break;
        case 'value':
          value = datum;
          break;
        case 'time':
          time = datum;
          break;
        case 'index':
          index = datum;
          break;
        case 'error':
          error = datum;
          break;
        case 'key':
          key = datum;
          break;
        case 'k':
          short = datum;
          break;
        default:
          this.#checkLikeKey(wordOf(name), datum, line);
      }
    }
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

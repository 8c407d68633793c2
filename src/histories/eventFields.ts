// The fields of one event of a Jepsen history, checked. Fields of other names are not read; but one
// that may name the key is refused, since without it all keys would be one register.
import { type Compound, type Datum, printEdn, wordOf } from './datum.ts';
import type { EventTime, ProcessName } from './eventLog.ts';
import { FormatError } from './format.ts';
import { wholeOf } from './numbers.ts';

export interface EventFields {
  readonly process: ProcessName;
  readonly type: string | undefined;
  readonly f: string | undefined;
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

type Name = 'process' | 'type' | 'f' | 'value' | 'time' | 'index' | 'error' | 'key' | 'k';
const NAMES: ReadonlySet<string> = new Set<Name>([
  ...(['process', 'type', 'f', 'value', 'time', 'index', 'error', 'key', 'k'] as const),
]);

export class EventFieldReader {
  #index: number | bigint = NOT_KNOWN;
  /** By field that is like a key: what the first event has there. */
  readonly #likeKeys = new Map<string, string>();

  /** Undefined for an event that is not one of a client. */
  read({ items }: Compound, line: number): EventFields | undefined {
    const found: Partial<Record<Name, Datum>> = {};
    for (let index = 0; index < items.length; index += 2) {
      const name = wordOf(items[index]);
      if (name === undefined) continue;
      if (NAMES.has(name)) found[name as Name] = items[index + 1] as Datum;
      else if (LIKE_KEY.has(name)) this.#checkLikeKey(name, items[index + 1] as Datum, line);
    }
    this.#checkIndex(found.index, line);
    const type = wordOf(found.type);
    const process = readProcess(found.process, line);
    if (process === undefined) return undefined;
    return {
      process,
      type,
      f: wordOf(found.f),
      value: found.value,
      time: readTime(found.time, line),
      key: readKey(found.key, found.k, line),
      error: wordOf(found.error),
    };
  }

  #checkIndex(datum: Datum | undefined, line: number): void {
    const index = wholeOf(datum);
    if (datum === undefined || datum === null || index === NOT_KNOWN) return;
    if (index === undefined || index <= this.#index) {
      const why = `index ${printEdn(datum)} after ${this.#index}`;
      throw new FormatError(line, `${why}: the events are not in their order`);
    }
    this.#index = index;
  }

  /** A field that never changes names no key. */
  #checkLikeKey(name: string, datum: Datum, line: number): void {
    const text = printEdn(datum);
    const first = this.#likeKeys.get(name) ?? text;
    this.#likeKeys.set(name, first);
    if (text === first) return;
    const why = `the field ${name} has ${text}, and had ${first}`;
    throw new FormatError(line, `${why}: a key is named by the field key, or by [key value]`);
  }
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

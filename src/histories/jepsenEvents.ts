// The meaning of the events in Jepsen's histories, independent of the notation. Sources: the fields
// in https://github.com/jepsen-io/history; values [key value] in jepsen.independent; :read, :write
// and :cas in jepsen.tests.linearizable-register and in Maelstrom's lin-kv.
import type { Recorded } from '../checkers/history.ts';
import { Compound, type Datum, fieldOf, itemsOf, printEdn, wordOf } from './datum.ts';
import { type Answer, type Call, EventLog } from './eventLog.ts';
import { FormatError } from './format.ts';
import { type IsWritable, textOf } from './texts.ts';

/** The key of a history that has only one key and does not name it. */
export const REGISTER = 'register';

/** Values of the field :error that say more about a :fail than "it did not happen". */
export const REASONS = { stale: 'stale', mismatch: 'mismatch' } as const;

const KINDS: ReadonlyMap<string, 'read' | 'write' | 'cas' | 'txn'> = new Map([
  ['read', 'read'],
  ['r', 'read'],
  ['write', 'write'],
  ['w', 'write'],
  ['cas', 'cas'],
  ['txn', 'txn'],
] as const);

/** An operation of a transaction. */
interface Micro {
  readonly isRead: boolean;
  readonly key: string;
  readonly value: string | null;
}

type Asked = ReturnType<EventLog['under']>;

export class JepsenEvents {
  readonly log = new EventLog();
  readonly #isWritable: IsWritable;
  /** Whether values are [key value]. */
  #isKeyed: boolean | undefined;
  #index = -1;

  constructor(isWritable: IsWritable) {
    this.#isWritable = isWritable;
  }

  take(event: Datum, line: number): void {
    if (!(event instanceof Compound) || event.opening !== '{') {
      throw new FormatError(line, 'no map');
    }
    const process = fieldOf(event, 'process');
    if (process === undefined) throw new FormatError(line, 'it has no process');
    this.#checkIndex(fieldOf(event, 'index'), line);
    // The nemesis and other processes that are not clients do not use the store.
    if (wordOf(process) !== undefined) return;
    if (typeof process !== 'number') {
      throw new FormatError(line, `${printEdn(process)} is no process`);
    }
    const time = fieldOf(event, 'time');
    if (time !== undefined && typeof time !== 'number') {
      throw new FormatError(line, `${printEdn(time)} is no time in whole nanoseconds`);
    }
    const word = wordOf(fieldOf(event, 'f')) ?? '';
    const kind = KINDS.get(word);
    if (kind === undefined) throw new FormatError(line, `unknown f: ${word || 'none'}`);
    const value = fieldOf(event, 'value');
    const type = wordOf(fieldOf(event, 'type'));
    if (type === 'invoke') {
      const calls = kind === 'txn' ? this.#calls(value, line) : [this.#call(kind, value, line)];
      this.log.begin(line, process, time, ...calls);
      return;
    }
    const answers = this.#answer(type, process, kind, event, line);
    this.log.end(line, process, time, ...answers);
  }

  #checkIndex(index: Datum | undefined, line: number): void {
    if (index === undefined) return;
    if (typeof index !== 'number' || index <= this.#index) {
      const why = `index ${printEdn(index)} after ${this.#index}`;
      throw new FormatError(line, `${why}: the events are not in their order`);
    }
    this.#index = index;
  }

  #call(kind: 'read' | 'write' | 'cas', value: Datum | undefined, line: number): Call {
    this.#isKeyed ??= isKeyed(kind, value);
    const [key, inner] = this.#unwrap(value, line);
    if (kind === 'read') return { kind: 'get', key, value: null };
    if (inner === undefined) throw new FormatError(line, 'it has no value');
    if (kind === 'write') return writeOf({ key, value: this.#text(inner) });
    const [expected, wanted, ...more] = itemsOf(inner) ?? [];
    if (expected === undefined || wanted === undefined || more.length > 0) {
      throw new FormatError(line, `cas takes [expected new], not ${printEdn(inner)}`);
    }
    const text = this.#text(wanted);
    if (text === null) throw new FormatError(line, 'cas cannot write nil');
    return { kind: 'cas', key, value: text, expected: this.#text(expected) };
  }

  #answer(
    type: string | undefined,
    process: number,
    kind: 'read' | 'write' | 'cas' | 'txn',
    event: Compound,
    line: number,
  ): [Answer, ...Answer[]] {
    const asked = this.log.under(line, process);
    if (kind !== 'txn' && kind !== wordFor(asked.kind)) {
      throw new FormatError(line, `it answers another operation than that of line ${asked.line}`);
    }
    if (type === 'info') return [{ outcome: 'unknown' }];
    if (type === 'fail') return [refusal(asked.kind, wordOf(fieldOf(event, 'error')))];
    if (type !== 'ok') throw new FormatError(line, `unknown type: ${type ?? 'none'}`);
    const value = fieldOf(event, 'value');
    if (value === undefined) throw new FormatError(line, 'it has no value');
    if (kind === 'txn') return this.#answers(this.log.allUnder(line, process), value, line);
    if (asked.kind === 'get') {
      const [key, inner] = this.#unwrap(value, line);
      return [this.#got(asked.key, { key, value: this.#text(inner ?? null) }, line)];
    }
    return [written(asked, this.#call(kind, value, line), line)];
  }

  /** Of a transaction: the answer of each of its operations. */
  #answers(asked: readonly Asked[], value: Datum, line: number): [Answer, ...Answer[]] {
    const told = this.#micros(value, line);
    if (told.length !== asked.length) {
      const why = `a transaction of ${told.length} operations answers one of ${asked.length}`;
      throw new FormatError(line, why);
    }
    const answers = told.map((micro, place) => {
      const one = asked[place] as Asked;
      if (one.kind !== 'get') return written(one, callOf(micro), line);
      if (!micro.isRead) throw new FormatError(line, 'a write answers a read');
      return this.#got(one.key, micro, line);
    });
    // `#micros` gives at least one.
    return answers as [Answer, ...Answer[]];
  }

  #got(asked: string, { key, value }: Pick<Micro, 'key' | 'value'>, line: number): Answer {
    if (key !== asked) throw new FormatError(line, `it got ${key}, and asked for ${asked}`);
    return { outcome: value === null ? 'absent' : 'ok', value };
  }

  /** Splits a value into its key and the value itself. */
  #unwrap(value: Datum | undefined, line: number): [string, Datum | undefined] {
    if (!this.#isKeyed) return [REGISTER, value];
    const [key, inner, ...more] = itemsOf(value) ?? [];
    if (key === undefined || inner === undefined || more.length > 0) {
      const shown = value === undefined ? 'nothing' : printEdn(value);
      throw new FormatError(line, `${shown} where [key value] stands in other lines`);
    }
    return [this.#key(key, line), inner];
  }

  /** A transaction of one operation counts as that operation. */
  #calls(value: Datum | undefined, line: number): Call[] {
    return this.#micros(value, line).map(callOf);
  }

  #micros(value: Datum | undefined, line: number): Micro[] {
    const operations = itemsOf(value) ?? [];
    if (operations.length === 0) throw new FormatError(line, 'a transaction without operations');
    return operations.map((operation) => this.#micro(operation, line));
  }

  #micro(operation: Datum, line: number): Micro {
    const [word, key, inner, ...more] = itemsOf(operation) ?? [];
    const name = wordOf(word) ?? '';
    const kind = KINDS.get(name);
    if (kind !== 'read' && kind !== 'write') {
      throw new FormatError(line, `unknown operation of a transaction: ${name || 'none'}`);
    }
    if (key === undefined || inner === undefined || more.length > 0) {
      throw new FormatError(
        line,
        'an operation of a transaction is [r key value] or [w key value]',
      );
    }
    return { isRead: kind === 'read', key: this.#key(key, line), value: this.#text(inner) };
  }

  #key(key: Datum, line: number): string {
    const text = this.#text(key);
    if (text === null) throw new FormatError(line, 'a key that is nil');
    return text;
  }

  #text(datum: Datum): string | null {
    return textOf(datum, this.#isWritable);
  }
}

/** The first operation decides whether all values are [key value]. */
function isKeyed(kind: 'read' | 'write' | 'cas', value: Datum | undefined): boolean {
  const items = itemsOf(value);
  if (items?.length !== 2) return false;
  return kind !== 'cas' || itemsOf(items[1])?.length === 2;
}

function writeOf({ key, value }: Pick<Micro, 'key' | 'value'>): Call {
  return { kind: value === null ? 'delete' : 'put', key, value };
}

function callOf(micro: Micro): Call {
  return micro.isRead ? { kind: 'get', key: micro.key, value: null } : writeOf(micro);
}

function written(asked: Asked, told: Call, line: number): Answer {
  const isSame =
    told.kind === asked.kind &&
    told.key === asked.key &&
    told.value === asked.value &&
    told.expected === asked.expected;
  if (!isSame) throw new FormatError(line, `another value than was written (line ${asked.line})`);
  return { outcome: 'ok', isSet: true };
}

function wordFor(kind: Recorded['kind']): 'read' | 'write' | 'cas' {
  if (kind === 'get') return 'read';
  return kind === 'cas' ? 'cas' : 'write';
}

function refusal(kind: Recorded['kind'], reason: string | undefined): Answer {
  if (reason === REASONS.stale) return { outcome: 'stale' };
  if (reason === REASONS.mismatch && kind === 'cas') return { outcome: 'ok', isSet: false };
  return { outcome: 'fail' };
}

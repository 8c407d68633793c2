// The meaning of the events in Jepsen's histories, independent of the notation. Sources: the fields
// in https://github.com/jepsen-io/history; values [key value] in jepsen.independent; :read, :write
// and :cas in jepsen.tests.linearizable-register and in Maelstrom's lin-kv; :add of counters and
// sets in jepsen.checker; micro-operations in https://github.com/jepsen-io/elle.
import type { History, Recorded } from '../checkers/history.ts';
import { tellCounters } from './counters.ts';
import { Compound, type Datum, itemsOf, printEdn, wordOf } from './datum.ts';
import { EventFieldReader, type EventFields, type FieldValues, readWord } from './eventFields.ts';
import { type Answer, type Call, EventLog, type ProcessName } from './eventLog.ts';
import { FormatError } from './format.ts';
import { KeyLayout, REGISTER } from './keyLayout.ts';
import { MapReads } from './mapReads.ts';
import { hasMicros, isMicro, MOST_SHOWN, notTransaction } from './microOperations.ts';
import { tellSets } from './setOperations.ts';
import { type IsWritable, textOf } from './texts.ts';

export { REGISTER };

/** Values of the field :error that say more about a :fail than "it did not happen". */
export const REASONS = { stale: 'stale', mismatch: 'mismatch' } as const;

type Single = 'read' | 'write' | 'cas' | 'add' | 'remove';
type Kind = Single | 'txn';

const KINDS: ReadonlyMap<string, Kind> = new Map([
  ['read', 'read'],
  ['r', 'read'],
  ['write', 'write'],
  ['w', 'write'],
  ['cas', 'cas'],
  ['add', 'add'],
  ['remove', 'remove'],
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
  readonly #log = new EventLog();
  readonly #fields: EventFieldReader;
  readonly #layout: KeyLayout;
  readonly #maps = new MapReads();
  readonly #keys = new Map<Datum, string>();
  readonly #isWritable: IsWritable;
  readonly #isFailedCasTold: boolean;
  /** The processes whose open operation is written as a transaction. */
  readonly #inTransaction = new Set<ProcessName>();

  /**
   * `isFailedCasTold`: a compare-and-set that fails without an error has found another value than
   * it expected. Otherwise a failed operation only did not happen.
   */
  constructor(isWritable: IsWritable, { isJson = false, isFailedCasTold = false } = {}) {
    this.#isWritable = isWritable;
    this.#fields = new EventFieldReader(isJson);
    this.#isFailedCasTold = isFailedCasTold;
    this.#layout = new KeyLayout((key, line) => this.#key(key, line));
  }

  take(event: Compound, line: number): void {
    this.#takeValues(this.#fields.valuesOf(event, line), line);
  }

  /** Takes an event that is one usual line; false if `take` is to have what stands there. */
  takeLine(text: string, line: number): boolean {
    const values = this.#fields.valuesOfLine(text);
    if (values === undefined) return false;
    this.#takeValues(values, line);
    return true;
  }

  takeFields(fields: EventFields, line: number): void {
    const { process, type, time, value } = fields;
    // Other parts of a test than its clients only inform.
    if (typeof process === 'string' && type === 'info' && !this.#log.isOpen(process)) return;
    const kind = this.#kindOf(fields, line);
    if (type !== 'invoke') {
      this.#log.end(line, process, time, this.#answer(kind, fields, line));
      return;
    }
    if (kind === 'txn') {
      if (fields.key !== undefined) throw new FormatError(line, 'a field key beside a transaction');
      this.#layout.takeTransaction(line);
      this.#inTransaction.add(process);
      this.#log.begin(line, process, time, this.#calls(value, line));
      return;
    }
    this.#inTransaction.delete(process);
    this.#log.begin(line, process, time, [this.#call(kind, fields, line)]);
  }

  #takeValues(values: FieldValues, line: number): void {
    const fields = this.#fields.read(values, line);
    if (fields !== undefined) this.takeFields(fields, line);
  }

  history(): History {
    return tellCounters(tellSets(this.#log.history(), this.#isWritable));
  }

  check(history: History): void {
    this.#maps.check(history, this.#isWritable);
  }

  get notes(): readonly string[] {
    return this.#log.notes;
  }

  /** Micro-operations are a transaction, whatever its name is, and if it has none. */
  #kindOf({ process, type, f, value }: EventFields, line: number): Kind {
    const isAnswer = type !== 'invoke';
    if (isAnswer && this.#inTransaction.has(process)) return 'txn';
    const name = readWord('f', f, line);
    const kind = name === undefined ? undefined : KINDS.get(name);
    if (kind === undefined && name !== undefined) {
      throw new FormatError(line, `unknown f: ${name}`);
    }
    if (!isAnswer && hasMicros(value)) return 'txn';
    if (!isAnswer && kind !== 'cas' && isMicro(value)) throw notTransaction(value, line);
    if (kind === undefined) throw new FormatError(line, 'it has no f');
    return kind;
  }

  /** `asked` is the key of the operation that the event answers, if it answers one. */
  #call(kind: Single, fields: EventFields, line: number, asked?: string): Call {
    const isChange = kind === 'add' || kind === 'remove';
    const shape = isChange ? 'write' : kind;
    const [key, inner] = this.#layout.split(shape, fields, asked, line);
    if (kind === 'read') return { kind: 'get', key, value: null };
    if (inner === undefined) throw new FormatError(line, 'it has no value');
    if (isChange) return { kind, key, value: this.#changed(kind, inner, line) };
    if (kind === 'write') return writeOf({ key, value: this.#written(inner, line) });
    const [expected, wanted, ...more] = itemsOf(inner) ?? [];
    if (expected === undefined || wanted === undefined || more.length > 0) {
      throw new FormatError(line, `cas takes [expected new], not ${printEdn(inner)}`);
    }
    const text = this.#written(wanted, line);
    if (text === null) throw new FormatError(line, 'cas cannot write nil');
    return { kind: 'cas', key, value: text, expected: this.#text(expected, line) };
  }

  #answer(kind: Kind, fields: EventFields, line: number): [Answer, ...Answer[]] {
    const { process, type, value } = fields;
    const asked = this.#log.under(line, process);
    if (kind !== 'txn' && kind !== wordFor(asked.kind)) {
      throw new FormatError(line, `it answers another operation than that of line ${asked.line}`);
    }
    if (type === 'info') return [{ outcome: 'unknown' }];
    if (type === 'fail') return [this.#refusal(asked.kind, fields)];
    if (value === undefined) throw new FormatError(line, 'it has no value');
    if (kind === 'txn') return this.#answers(this.#log.allUnder(line, process), value, line);
    if (kind === 'read') {
      const [key, inner = null] = this.#layout.split(kind, fields, asked.key, line);
      if (hasMicros(inner) || (key === REGISTER && isMicro(inner))) {
        const shown = printEdn(inner).slice(0, MOST_SHOWN);
        throw new FormatError(line, `${shown} answers a read that asked for something else`);
      }
      return [this.#got(asked.key, { key, value: this.#read(inner, line) }, line)];
    }
    return [written(asked, this.#call(kind, fields, line, asked.key), line)];
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

  #refusal(kind: Recorded['kind'], { value, error }: EventFields): Answer {
    if (error === REASONS.stale) return { outcome: 'stale' };
    const isTold = this.#isFailedCasTold && error === undefined && wordOf(value) === undefined;
    const isMismatch = isTold || error === REASONS.mismatch;
    return isMismatch && kind === 'cas' ? { outcome: 'ok', isSet: false } : { outcome: 'fail' };
  }

  /** A transaction of one operation counts as that operation. */
  #calls(value: Datum | undefined, line: number): Call[] {
    return this.#micros(value, line).map(callOf);
  }

  #micros(value: Datum | undefined, line: number): Micro[] {
    const operations = itemsOf(value);
    if (operations === undefined || isMicro(value)) throw notTransaction(value, line);
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
    const isRead = kind === 'read';
    const value = isRead ? this.#read(inner, line) : this.#written(inner, line);
    return { isRead, key: this.#key(key, line), value };
  }

  /** One string for each key, since it is compared often. */
  #key(key: Datum, line: number): string {
    const known = this.#keys.get(key);
    if (known !== undefined) return known;
    const text = this.#text(key, line);
    if (text === null) throw new FormatError(line, 'a key that is nil');
    if (!(key instanceof Compound)) this.#keys.set(key, text);
    return text;
  }

  #written(datum: Datum, line: number): string | null {
    this.#maps.wrote(datum);
    return this.#text(datum, line);
  }

  #changed(kind: Single, datum: Datum, line: number): string {
    const text = this.#text(datum, line);
    if (text === null) throw new FormatError(line, `${kind} takes a value, not nil`);
    return text;
  }

  #read(datum: Datum, line: number): string | null {
    this.#maps.got(datum, line);
    return this.#text(datum, line);
  }

  #text(datum: Datum, line: number): string | null {
    if (datum === null) return null;
    if (typeof datum === 'number') return String(datum);
    try {
      return textOf(datum, this.#isWritable);
    } catch (error) {
      if (error instanceof SyntaxError) throw new FormatError(line, error.message);
      throw error;
    }
  }
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

function wordFor(kind: Recorded['kind']): Single {
  if (kind === 'get') return 'read';
  return kind === 'cas' || kind === 'add' || kind === 'remove' ? kind : 'write';
}

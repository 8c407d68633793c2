// Events as Jepsen logs them: process, type, function, value and perhaps an error. They stand in
// jepsen.log after the time and the thread, in history.txt alone, and in the log of Jepsen's early
// test of etcd after the name of the logger. Porcupine reads the last one (parseJepsenLog in
// https://github.com/anishathalye/porcupine/blob/master/porcupine_test.go): in it, a :fail of :cas
// means that the register had another value than expected.
import type { History, Recorded } from '../checkers/history.ts';
import type { Datum } from './datum.ts';
import { readEdn, readFirstEdn } from './edn.ts';
import { readType } from './eventFields.ts';
import { type OrderedEvent, orderEvents } from './eventOrder.ts';
import { commonLosses, type Format, FormatError, type HistoryReader } from './format.ts';
import { createWordReader } from './initialValues.ts';
import { JepsenEvents, REGISTER } from './jepsenEvents.ts';
import { createNumbering, type Numbering } from './numbering.ts';

interface Layout {
  readonly pattern: RegExp;
  /** Whether lines of other loggers may stand between the events. */
  readonly isMixed: boolean;
  readonly isFailedCasTold: boolean;
}

const LAYOUTS: readonly Layout[] = [
  { pattern: /^INFO\s+jepsen\.util\s+-\s+(.*)$/, isMixed: true, isFailedCasTold: true },
  {
    pattern: /^\d{4}-\d\d-\d\d[ T]\S+\s+INFO\s+\[[^\]]*\]\s+jepsen\.util:\s+(.*)$/,
    isMixed: true,
    isFailedCasTold: false,
  },
  {
    pattern: /^((?:\d+|:\S+)\s+:(?:invoke|ok|fail|info)\s.*)$/,
    isMixed: false,
    isFailedCasTold: false,
  },
];
const EVENT = /^(?:(\d+)|:(\S+))\s+:(\w+)\s+:?(\S+)\s+(.*)$/;
const LOGGED = /^(?:\d{4}-\d\d-\d\d[ T]\S+\s+)?(?:INFO|WARN|ERROR|DEBUG)\s/;

/** Whether the first lines of a file are of a log of this kind. */
export function looksLogged(text: string): boolean {
  return (
    LOGGED.test(text) || LAYOUTS.some(({ pattern }) => pattern.test(text.split('\n')[0] ?? ''))
  );
}

export const JEPSEN_ETCD: Format = {
  name: 'jepsen-etcd',
  about: "jepsen.log, history.txt, and the log of Jepsen's early test of etcd",
  createReader: () => new LogReader(),
  toText: createWordReader(readEdn, () => true),
  hasCounters: true,
  write: (history) => {
    const { operations } = history;
    for (const operation of operations) refuse(operation, operations[0]?.key);
    const { events, losses } = orderEvents(history);
    const values = createNumbering(valuesOf(operations), 0);
    const lost = [
      'times other than their order',
      operations.some(({ key }) => key !== REGISTER) && "the key's name",
      values.isRenaming && 'values that are no whole numbers, which are numbered instead',
    ].filter((loss) => loss !== false);
    return {
      lines: printAll(events, values),
      losses: [...lost, ...losses, ...commonLosses(operations)],
    };
  },
};

class LogReader implements HistoryReader {
  #layout: Layout | undefined;
  #events: JepsenEvents | undefined;
  /** The first line that is not empty. */
  #first: number | undefined;

  take(text: string, line: number): void {
    if (text.trim() === '') return;
    this.#first ??= line;
    this.#layout ??= LAYOUTS.find(({ pattern }) => pattern.test(text));
    const event = this.#layout?.pattern.exec(text)?.[1];
    if (event !== undefined) this.#takeEvent(event, line);
    else if (this.#layout?.isMixed === false) throw notAnEvent(line);
  }

  end(): History {
    if (this.#events !== undefined) return this.#events.history();
    if (this.#first === undefined) return { operations: [], isTimed: true, transactions: 0 };
    throw new FormatError(this.#first, 'no line of the file is an event that Jepsen has logged');
  }

  check(history: History): void {
    this.#events?.check(history);
  }

  get notes(): readonly string[] {
    return this.#events?.notes ?? [];
  }

  #takeEvent(text: string, line: number): void {
    this.#events ??= new JepsenEvents(() => true, this.#layout);
    const match = EVENT.exec(text);
    if (match === null) throw notAnEvent(line);
    const [, number, name, type, f, rest = ''] = match;
    if (name === 'nemesis') return;
    // The value of :info is not read, and may be anything.
    const [value, error] = type === 'info' ? [undefined, ''] : readValue(rest, line);
    if (type !== 'info' && value === undefined) throw notAnEvent(line);
    this.#events.takeFields(
      {
        process: number === undefined ? `:${name}` : toNumber(number),
        type: readType(type, line),
        f: f === 'nil' ? undefined : f,
        value,
        time: undefined,
        key: undefined,
        error: error.trim() || undefined,
      },
      line,
    );
  }
}

function toNumber(digits: string): number | bigint {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : BigInt(digits);
}

function notAnEvent(line: number): FormatError {
  return new FormatError(line, 'not a process, a type, a function and a value');
}

function readValue(text: string, line: number): readonly [Datum | undefined, string] {
  try {
    return readFirstEdn(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new FormatError(line, error.message);
    throw error;
  }
}

function wordFor(kind: Recorded['kind']): string {
  return kind === 'get' ? 'read' : kind === 'put' ? 'write' : kind;
}

function refuse(operation: Recorded, register: string | undefined): void {
  const { kind, key, outcome, line } = operation;
  const why =
    key !== register
      ? `a second key, ${key}`
      : !['get', 'put', 'cas'].includes(kind)
        ? `${kind}`
        : kind === 'cas' && operation.expected === null
          ? 'a cas that expects nothing'
          : outcome === 'stale'
            ? 'an operation that was refused'
            : outcome === 'fail' && kind !== 'get'
              ? 'a write that failed'
              : undefined;
  if (why !== undefined) throw new FormatError(line, `the format has no word for ${why}`);
}

function* valuesOf(operations: readonly Recorded[]): Generator<string> {
  for (const operation of operations) {
    if (operation.kind === 'cas' && operation.expected !== null) yield operation.expected;
    if (operation.value !== null) yield operation.value;
  }
}

function* printAll(events: Iterable<OrderedEvent>, values: Numbering): Generator<string> {
  for (const { operation, isEnd, process } of events) {
    const { kind, outcome } = operation;
    const number = (text: string | null): string => (text === null ? 'nil' : values.of(text));
    const isRefused = outcome === 'fail' || (kind === 'cas' && operation.isSet === false);
    const type = isEnd ? (isRefused ? 'fail' : 'ok') : 'invoke';
    const name = wordFor(kind);
    let value = number(kind === 'get' && !isEnd ? null : operation.value);
    if (kind === 'cas') value = `[${number(operation.expected)} ${value}]`;
    if (isEnd && outcome === 'fail') value = ':timed-out';
    yield `INFO  jepsen.util - ${process}\t:${type}\t:${name}\t${value}`;
  }
}

// The log lines of Jepsen's early test of etcd (one register), as Porcupine reads them:
// parseJepsenLog and etcdModel in
// https://github.com/anishathalye/porcupine/blob/master/porcupine_test.go. In them, a :fail of :cas
// means that the register had another value than expected.
import type { Recorded } from '../checkers/history.ts';
import { type Datum, itemsOf, Keyword, printEdn, wordOf } from './datum.ts';
import { readEdn } from './edn.ts';
import { type Answer, type Call, EventLog } from './eventLog.ts';
import { type OrderedEvent, orderEvents } from './eventOrder.ts';
import { commonLosses, type Format, FormatError } from './format.ts';
import { REGISTER } from './jepsenEvents.ts';
import { createNumbering, type Numbering } from './numbering.ts';

/** Lines of other loggers are in the file too, and are ignored. */
const LINE = /^INFO\s+jepsen\.util\s+-\s+(.*)$/;

export const JEPSEN_ETCD: Format = {
  name: 'jepsen-etcd',
  about: "the log of Jepsen's test of etcd, as Porcupine reads it",
  createReader: () => {
    const log = new EventLog();
    return {
      take: (text, line) => {
        const event = LINE.exec(text)?.[1];
        if (event !== undefined) takeEvent(log, event, line);
      },
      end: () => log.history(),
    };
  },
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

function takeEvent(log: EventLog, text: string, line: number): void {
  const [process, type, f, value, ...more] = readWords(text, line);
  // The nemesis does not use the register.
  if (process instanceof Keyword) return;
  const name = wordOf(f);
  if (typeof process !== 'number' || value === undefined || more.length > 0) {
    throw new FormatError(line, 'not a process, a type, a function and a value');
  }
  if (name !== 'read' && name !== 'write' && name !== 'cas') {
    throw new FormatError(line, `unknown function: ${name ?? 'none'}`);
  }
  const kind = wordOf(type);
  if (kind === 'invoke') {
    log.begin(line, process, undefined, callOf(name, value, line));
    return;
  }
  const asked = log.under(line, process);
  if (name !== wordFor(asked.kind)) {
    throw new FormatError(line, `it answers another operation than that of line ${asked.line}`);
  }
  log.end(line, process, undefined, answerOf(kind, name, asked, value, line));
}

function readWords(text: string, line: number): Datum[] {
  try {
    return readEdn(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new FormatError(line, error.message);
    throw error;
  }
}

function callOf(name: 'read' | 'write' | 'cas', value: Datum, line: number): Call {
  if (name === 'read') {
    if (value === null) return { kind: 'get', key: REGISTER, value: null };
    throw new FormatError(line, 'a read that asks for a value');
  }
  if (name === 'write') return { kind: 'put', key: REGISTER, value: whole(value, line) };
  const [expected, wanted, ...more] = itemsOf(value) ?? [];
  if (expected === undefined || wanted === undefined || more.length > 0) {
    throw new FormatError(line, `cas takes [expected new], not ${printEdn(value)}`);
  }
  const text = whole(wanted, line);
  return { kind: 'cas', key: REGISTER, value: text, expected: whole(expected, line) };
}

function whole(value: Datum, line: number): string {
  if (typeof value === 'number' && value >= 0) return String(value);
  throw new FormatError(line, `${printEdn(value)} is no whole number`);
}

function answerOf(
  type: string | undefined,
  name: 'read' | 'write' | 'cas',
  asked: { readonly value: string | null; readonly expected?: string | null },
  value: Datum,
  line: number,
): Answer {
  if (type === 'info') return { outcome: 'unknown' };
  if (type !== 'ok' && type !== 'fail') {
    throw new FormatError(line, `unknown type: ${type ?? 'none'}`);
  }
  const isTimeout = value instanceof Keyword && value.name === 'timed-out';
  if (type === 'fail' && (name !== 'cas' || isTimeout)) return { outcome: 'fail' };
  if (name === 'read') {
    const text = value === null ? null : whole(value, line);
    return { outcome: text === null ? 'absent' : 'ok', value: text };
  }
  const told = callOf(name, value, line);
  if (told.value !== asked.value || (told.expected ?? null) !== (asked.expected ?? null)) {
    throw new FormatError(line, 'another value than was written');
  }
  return { outcome: 'ok', isSet: type === 'ok' };
}

function wordFor(kind: Recorded['kind']): string {
  return kind === 'get' ? 'read' : kind === 'put' ? 'write' : kind;
}

function refuse(operation: Recorded, register: string | undefined): void {
  const { kind, key, outcome, line } = operation;
  const why =
    key !== register
      ? `a second key, ${key}`
      : kind === 'append' || kind === 'delete'
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

// The logs of the key-value store in Porcupine's tests: parseKvLog and kvModel in
// https://github.com/anishathalye/porcupine/blob/master/porcupine_test.go. Keys and values are
// strings, an absent key has the empty string, and the order of the lines is the order of the
// events.
import type { Recorded } from '../checkers/history.ts';
import { type Compound, type Datum, fieldOf, printEdn } from './datum.ts';
import { type EventType, readType, readWord } from './eventFields.ts';
import { type Answer, type Call, EventLog, type ProcessName } from './eventLog.ts';
import { type OrderedEvent, orderEvents } from './eventOrder.ts';
import { commonLosses, type Format, FormatError } from './format.ts';
import { createEdnReader } from './jepsenEdn.ts';
import { wholeOf } from './numbers.ts';

const KINDS: ReadonlyMap<string, 'get' | 'put' | 'append'> = new Map([
  ['get', 'get'],
  ['put', 'put'],
  ['append', 'append'],
] as const);

export const PORCUPINE_KV: Format = {
  name: 'porcupine-kv',
  about: "the key-value logs of Porcupine's tests",
  createReader: () => {
    const log = new EventLog();
    const idle = new Set<ProcessName>();
    return createEdnReader({
      take: (event, line) => takeEvent(log, idle, event, line),
      history: () => log.history(),
      get notes() {
        return log.notes;
      },
    });
  },
  toText: (word) => (word === '' ? null : word),
  write: (history) => {
    for (const operation of history.operations) refuse(operation);
    const { events, losses } = orderEvents(history);
    return {
      lines: printAll(events),
      losses: ['times other than their order', ...losses, ...commonLosses(history.operations)],
    };
  },
};

/**
 * To append the empty string changes nothing here, not even whether the key exists: such operations
 * are left out. `idle` has the processes that have one under way.
 */
function takeEvent(log: EventLog, idle: Set<ProcessName>, event: Compound, line: number): void {
  const told = fieldOf(event, 'process');
  if (told === undefined) throw new FormatError(line, 'it has no process');
  const process = wholeOf(told);
  if (process === undefined) throw new FormatError(line, `${printEdn(told)} is no process`);
  const f = readWord('f', fieldOf(event, 'f'), line);
  if (f === undefined) throw new FormatError(line, 'it has no f');
  const kind = KINDS.get(f);
  if (kind === undefined) throw new FormatError(line, `f is ${f}, not get, put or append`);
  const key = fieldOf(event, 'key');
  if (typeof key !== 'string') throw new FormatError(line, 'the key is no string');
  const type = readType(fieldOf(event, 'type'), line);
  const value = fieldOf(event, 'value');
  if (kind === 'append' && value === '' && type === 'invoke') {
    idle.add(process);
    return;
  }
  if (type !== 'invoke' && idle.delete(process)) return;
  if (type === 'invoke') {
    log.begin(line, process, undefined, [callOf(kind, key, value, line)]);
    return;
  }
  const asked = log.under(line, process);
  const isSame = asked.key === key && (kind === asked.kind || isDelete(kind, asked.kind));
  if (!isSame) {
    throw new FormatError(line, `it answers another operation than that of line ${asked.line}`);
  }
  log.end(line, process, undefined, [answerOf(type, kind, asked.value, value, line)]);
}

function isDelete(kind: string, asked: Recorded['kind']): boolean {
  return kind === 'put' && asked === 'delete';
}

function callOf(
  kind: 'get' | 'put' | 'append',
  key: string,
  value: Datum | undefined,
  line: number,
): Call {
  if (kind === 'get') {
    if (value === null || value === undefined) return { kind, key, value: null };
    throw new FormatError(line, 'a get that asks for a value');
  }
  if (typeof value !== 'string') throw new FormatError(line, 'the value is no string');
  return kind === 'put' && value === ''
    ? { kind: 'delete', key, value: null }
    : { kind, key, value };
}

function answerOf(
  type: EventType,
  kind: 'get' | 'put' | 'append',
  asked: string | null,
  value: Datum | undefined,
  line: number,
): Answer {
  if (type === 'fail') return { outcome: 'fail' };
  if (type === 'info') return { outcome: 'unknown' };
  if (typeof value !== 'string') throw new FormatError(line, 'the value is no string');
  if (kind !== 'get' && value !== (asked ?? '')) {
    throw new FormatError(line, 'another value than was written');
  }
  return value === ''
    ? { outcome: kind === 'get' ? 'absent' : 'ok', value: null }
    : { outcome: 'ok', value };
}

/** Throws if the format cannot express the operation: Porcupine would read it as another one. */
function refuse({ kind, outcome, value, line }: Recorded): void {
  const why =
    kind === 'cas'
      ? 'a compare-and-set'
      : !['get', 'put', 'delete', 'append'].includes(kind)
        ? `the operation ${kind}`
        : outcome === 'fail'
          ? 'an operation that failed'
          : outcome === 'stale'
            ? 'an operation that was refused'
            : outcome === 'unknown' && kind === 'get'
              ? 'a get without an answer'
              : value === ''
                ? 'an empty value'
                : undefined;
  if (why !== undefined) throw new FormatError(line, `the format has no word for ${why}`);
}

function* printAll(events: Iterable<OrderedEvent>): Generator<string> {
  for (const { operation, isEnd, process } of events) {
    const { kind, key, value } = operation;
    const f = kind === 'delete' ? 'put' : kind;
    const shown = kind === 'get' && !isEnd ? null : (value ?? '');
    yield `{:process ${process}, :type :${isEnd ? 'ok' : 'invoke'}, :f :${f}, ` +
      `:key ${printEdn(key)}, :value ${printEdn(shown)}}`;
  }
}

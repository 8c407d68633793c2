// Converts a history to the events that Jepsen would have recorded, for both notations.
import type { History, Recorded } from '../checkers/history.ts';
import { Compound, type Datum, itemsOf } from './datum.ts';
import { type OrderedEvent, orderEvents } from './eventOrder.ts';
import { commonLosses, FormatError, type Written } from './format.ts';
import { REASONS, REGISTER } from './jepsenEvents.ts';
import { datumOf, type IsWritable } from './texts.ts';

const NANOSECONDS_PER_MILLISECOND = 1e6;

/** One event in Jepsen's terms; `error` is set only if a failure needs a reason. */
export interface JepsenEvent {
  readonly type: 'invoke' | 'ok' | 'fail';
  readonly f: 'read' | 'write' | 'cas' | 'add' | 'remove';
  readonly value: Datum;
  readonly process: number;
  /** In nanoseconds. */
  readonly time: number;
  readonly index: number;
  readonly error: string | undefined;
}

export function writeJepsen(
  history: History,
  isWritable: IsWritable,
  print: (event: JepsenEvent) => string,
): Written {
  const { operations } = history;
  for (const operation of operations) {
    if (operation.kind === 'append') {
      throw new FormatError(operation.line, 'a register of Jepsen has no append');
    }
  }
  const order = orderEvents(history);
  const times = [...nanoseconds(order.events)];
  const isKeyed = needsKeys(operations, isWritable);
  const lines = function* (): Generator<string> {
    let index = 0;
    for (const event of order.events) {
      yield print(toJepsen(event, index, times[index] as number, isKeyed, isWritable));
      index += 1;
    }
  };
  return { lines: lines(), losses: [...order.losses, ...commonLosses(operations)] };
}

/** Rounds to whole nanoseconds. Throws if rounding would merge two different times. */
function* nanoseconds(events: Iterable<OrderedEvent>): Generator<number> {
  let [former, formerTime] = [-1, -1];
  for (const { operation, isEnd } of events) {
    const time = (isEnd ? operation.returnedAt : operation.invokedAt) as number;
    const rounded = Math.round(time * NANOSECONDS_PER_MILLISECOND);
    if (rounded < 0 || !Number.isSafeInteger(rounded)) {
      throw new FormatError(operation.line, `${time} ms cannot be written in nanoseconds`);
    }
    if (time > formerTime && rounded <= former) {
      throw new FormatError(operation.line, 'two of its events are less than a nanosecond apart');
    }
    [former, formerTime] = [rounded, time];
    yield rounded;
  }
}

/** Only the unnamed register needs no keys, unless a value itself looks like [key value]. */
function needsKeys(operations: readonly Recorded[], isWritable: IsWritable): boolean {
  const isPair = (text: string | null): boolean => itemsOf(datumOf(text, isWritable))?.length === 2;
  return operations.some(
    (operation) =>
      operation.key !== REGISTER ||
      isPair(operation.value) ||
      (operation.kind === 'cas' && isPair(operation.expected)),
  );
}

function toJepsen(
  { operation, isEnd, process }: OrderedEvent,
  index: number,
  time: number,
  isKeyed: boolean,
  isWritable: IsWritable,
): JepsenEvent {
  const { kind, outcome, key } = operation;
  const isRefused = kind === 'cas' && operation.isSet === false;
  const isOk = (outcome === 'ok' || outcome === 'absent') && !isRefused;
  const text = kind === 'get' && !(isEnd && isOk) ? null : operation.value;
  const datum = (of: string | null): Datum => datumOf(of, isWritable);
  let value = datum(text);
  if (kind === 'cas') value = pair(datum(operation.expected), datum(operation.value));
  if (kind === 'elements' && isEnd && isOk) value = setOf(operation.elements, isWritable);
  const reason = outcome === 'stale' ? REASONS.stale : isRefused ? REASONS.mismatch : undefined;
  return {
    type: isEnd ? (isOk ? 'ok' : 'fail') : 'invoke',
    f: wordFor(kind),
    value: isKeyed ? pair(datum(key), value) : value,
    process,
    time,
    index,
    error: isEnd ? reason : undefined,
  };
}

function pair(a: Datum, b: Datum): Datum {
  return new Compound('[', [a, b]);
}

function wordFor(kind: Recorded['kind']): JepsenEvent['f'] {
  if (kind === 'get' || kind === 'elements') return 'read';
  if (kind === 'add' || kind === 'insert') return 'add';
  return kind === 'cas' || kind === 'remove' ? kind : 'write';
}

/** A list where the notation has no sets, and for a set that has an element twice. */
function setOf(elements: readonly string[], isWritable: IsWritable): Datum {
  const items = elements.map((one) => datumOf(one, isWritable));
  const set = new Compound('#{', items);
  const isSet = new Set(elements).size === elements.length && isWritable(set);
  return isSet ? set : new Compound('[', items);
}

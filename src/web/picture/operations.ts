// Where the operations of the history begin and end among the events: the master's call at the
// client, and the client's answer.
import type { Recorded } from '../../kernel/history.ts';
import { lifeKey } from '../../kernel/ids.ts';
import type { TraceEvent } from '../../kernel/trace.ts';

/** For each operation of the history an event's index; -1 where the trace has none. */
export interface OperationEnds {
  readonly begin: Int32Array;
  readonly end: Int32Array;
}

/** The calls by which the master asks a client for an operation. */
const METHODS = new Set(['put', 'get', 'delete', 'command']);

export interface CallColumns {
  /** 1 for a message from or to the master. */
  readonly isControl: Uint8Array;
}

/**
 * Operations of a life are counted in the order of their invocations, and so are its calls. One
 * that has no call never reached its client.
 */
export function findOperations(
  columns: CallColumns,
  events: readonly TraceEvent[],
  history: readonly Recorded[],
): OperationEnds {
  const begin = new Int32Array(history.length).fill(-1);
  const end = new Int32Array(history.length).fill(-1);
  const { callsByLife, answers } = findCalls(columns, events);
  const order = Array.from(history, (_, index) => index).sort(
    (a, b) => (history[a]?.seq ?? 0) - (history[b]?.seq ?? 0),
  );
  /** How many calls of a life have been given to operations. */
  const taken = new Map<number, number>();
  for (const index of order) {
    const operation = history[index] as Recorded;
    const life = lifeKey({ id: operation.session, incarnation: operation.incarnation });
    const calls = callsByLife.get(life) ?? [];
    let at = taken.get(life) ?? 0;
    while (at < calls.length && isOfEarlierLine(events[calls[at] as number], operation)) at += 1;
    const call = calls[at];
    if (call === undefined || events[call]?.line !== operation.line) continue;
    taken.set(life, at + 1);
    begin[index] = call;
    const { message } = events[call] as { message: string };
    end[index] = answers.get(message) ?? -1;
  }
  return { begin, end };
}

/** Lines are carried out in order, so such a call belongs to no operation that is still to come. */
function isOfEarlierLine(event: TraceEvent | undefined, operation: Recorded): boolean {
  return event?.line !== undefined && event.line < operation.line;
}

function findCalls({ isControl }: CallColumns, events: readonly TraceEvent[]) {
  const callsByLife = new Map<number, number[]>();
  const asked = new Set<string>();
  const answers = new Map<string, number>();
  for (let index = 0; index < events.length; index += 1) {
    if (isControl[index] !== 1) continue;
    const event = events[index] as TraceEvent;
    if (event.event === 'receive' && event.from === 'master' && METHODS.has(event.method)) {
      const life = lifeKey({ id: event.node, incarnation: event.incarnation });
      const calls = callsByLife.get(life);
      if (calls === undefined) callsByLife.set(life, [index]);
      else calls.push(index);
      asked.add(event.message);
    } else if (event.event === 'send' && event.to === 'master' && event.answers !== undefined) {
      if (asked.has(event.answers)) answers.set(event.answers, index);
    }
  }
  return { callsByLife, answers };
}

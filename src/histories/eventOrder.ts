// The order in which event-log formats write the begins and ends of operations. Other tools rely on
// this order, so it must express exactly what the times say: intervals that touch overlap, except
// those of one session.
import type { History, Recorded } from '../checkers/history.ts';
import { FormatError } from './format.ts';

export interface OrderedEvent {
  readonly operation: Recorded;
  readonly isEnd: boolean;
  readonly process: number;
}

export interface EventOrder {
  readonly events: Iterable<OrderedEvent>;
  readonly losses: readonly string[];
}

/**
 * A process is one incarnation of one client. Throws FormatError if the operations fit no single
 * order, or if a session continues after an operation without an answer.
 */
export function orderEvents({ operations, isTimed, transactions }: History): EventOrder {
  const [first] = operations;
  if (first !== undefined && !isTimed) {
    throw new FormatError(first.line, 'the times of the operations are unknown');
  }
  if (first !== undefined && transactions > 0) {
    throw new FormatError(
      first.line,
      'the format has no word for a transaction of several operations',
    );
  }
  const sessions = groupBySession(operations);
  const processes = numberProcesses(sessions);
  return {
    events: placeEvents(sessions, processes.numbers),
    losses: processes.isRenumbered
      ? ['the lives of clients, which are processes of their own']
      : [],
  };
}

type Session = readonly Recorded[];

/** Each session is in its own order. The incarnations of one client are adjacent. */
export function groupBySession(operations: readonly Recorded[]): Session[] {
  const groups = new Map<string, Recorded[]>();
  for (const operation of operations) {
    const name = `${operation.session}.${operation.incarnation}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [operation]);
    else group.push(operation);
  }
  for (const group of groups.values()) group.sort((a, b) => a.seq - b.seq);
  return [...groups.values()].sort(
    ([a], [b]) =>
      (a as Recorded).session - (b as Recorded).session ||
      (a as Recorded).incarnation - (b as Recorded).incarnation,
  );
}

/** The first incarnation of a client keeps its number; the others get unused numbers. */
export function numberProcesses(sessions: readonly Session[]): {
  readonly numbers: readonly number[];
  readonly isRenumbered: boolean;
} {
  const taken = new Set<number>();
  let next = 1 + sessions.reduce((most, [first]) => Math.max(most, first?.session ?? 0), 0);
  const numbers = sessions.map(([first]) => {
    const { session } = first as Recorded;
    const number = taken.has(session) ? next++ : session;
    taken.add(session);
    return number;
  });
  const isRenumbered = sessions.some(
    ([first], index) => first?.incarnation !== 1 || first.session !== numbers[index],
  );
  return { numbers, isRenumbered };
}

interface PlacedEvent extends OrderedEvent {
  readonly time: number;
  /** At equal times: begins first, then the end and next begin of one session, then ends. */
  readonly slot: 0 | 1 | 2;
  readonly step: number;
}

function placeEvents(sessions: readonly Session[], processes: readonly number[]): PlacedEvent[] {
  const events: PlacedEvent[] = [];
  /** By time: the session that ends one operation and begins the next. */
  const turning = new Map<number, number>();
  for (const [index, session] of sessions.entries()) {
    const process = processes[index] as number;
    let endedAt = Number.NEGATIVE_INFINITY;
    for (const [place, operation] of session.entries()) {
      const { invokedAt, returnedAt, outcome, line } = operation;
      checkBefore(session[place - 1], operation);
      const isTurn = invokedAt === endedAt;
      if (isTurn && (turning.get(invokedAt) ?? index) !== index) {
        const why = 'several sessions ended and began in the same instant as it began';
        throw new FormatError(line, `${why}: which came first is not known`);
      }
      if (isTurn) turning.set(invokedAt, index);
      const begin = { operation, process, isEnd: false, time: invokedAt, step: 2 * place } as const;
      events.push({ ...begin, slot: isTurn ? 1 : 0 });
      if (outcome === 'unknown') continue;
      endedAt = returnedAt as number;
      const isFollowed = session[place + 1]?.invokedAt === endedAt;
      const step = 2 * place + 1;
      events.push({ ...begin, isEnd: true, time: endedAt, slot: isFollowed ? 1 : 2, step });
    }
  }
  return events.sort((a, b) => a.time - b.time || a.slot - b.slot || a.step - b.step);
}

function checkBefore(former: Recorded | undefined, operation: Recorded): void {
  if (former?.outcome !== 'unknown') return;
  const { session, line } = operation;
  const why = `client ${session} goes on after an operation without an answer`;
  throw new FormatError(line, `${why} (line ${former.line}), where a process would end`);
}

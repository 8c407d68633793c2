// The messages that are on their way after a number of events.
import type { NodeId } from '../../kernel/ids.ts';
import type { TraceEvent } from '../../kernel/trace.ts';

export interface Flight {
  readonly message: string;
  readonly method: string;
  readonly from: NodeId;
  readonly to: NodeId;
  readonly isReply: boolean;
  /** The part of its time on the way that has passed, from 0 to 1. */
  readonly share: number;
}

/** Older messages are not looked for, nor later ends. */
const WINDOW = 4_000;

/** By time of sending. Messages from and to the master are not among them. */
export function flightsAt(events: readonly TraceEvent[], cursor: number): Flight[] {
  const now = events[cursor - 1]?.at ?? 0;
  const ended = new Set<string>();
  const open = new Map<string, { readonly sent: Sent }>();
  for (let index = cursor - 1; index >= Math.max(0, cursor - WINDOW); index -= 1) {
    const event = events[index] as TraceEvent;
    if (event.event === 'receive' || event.event === 'drop') ended.add(event.message);
    else if (isBetweenNodes(event) && !ended.has(event.message)) {
      open.set(event.message, { sent: event });
    }
  }
  const flights: Flight[] = [];
  for (let index = cursor; index < Math.min(events.length, cursor + WINDOW); index += 1) {
    if (open.size === 0) break;
    const event = events[index] as TraceEvent;
    if (event.event !== 'receive' && event.event !== 'drop') continue;
    const found = open.get(event.message);
    if (found === undefined) continue;
    open.delete(event.message);
    flights.push(toFlight(found.sent, shareOf(found.sent.at, now, event.at)));
  }
  for (const { sent } of open.values()) flights.push(toFlight(sent, 0.5));
  return flights.sort((a, b) => (a.message < b.message ? -1 : 1));
}

type Sent = Extract<TraceEvent, { readonly event: 'send' }>;

function isBetweenNodes(event: TraceEvent): event is Sent {
  return event.event === 'send' && event.to !== 'master';
}

function shareOf(sent: number, now: number, ended: number): number {
  return ended > sent ? Math.min(1, Math.max(0, (now - sent) / (ended - sent))) : 0.5;
}

function toFlight({ message, method, node, to, answers }: Sent, share: number): Flight {
  const isReply = answers !== undefined;
  return { message, method, from: node, to: to as NodeId, isReply, share };
}

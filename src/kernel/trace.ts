// What happened in a run, event by event. The worlds write these, never the protocols, so that a
// diagram needs no synchronized clocks: the Lamport stamps order them.
import type { Caller, NodeId } from './ids.ts';
import type { Json } from './json.ts';

interface At {
  /** Milliseconds of the world's time. */
  readonly at: number;
  readonly node: NodeId;
  readonly incarnation: number;
  /** The node's Lamport time after the event (Lamport, CACM 1978): one step for each event. */
  readonly lamport: number;
}

interface Message {
  /** Unique in a run: the sender and its own count, `3.1#17`. */
  readonly message: string;
  /** Of a reply: the message that it answers. */
  readonly answers?: string;
  readonly method: string;
}

export interface Lateness {
  /** A reply that no call waits for any more: it came too late, or twice. */
  readonly late?: true;
}

/** What the receipt of a reply says beside its message. */
export function lateness(isAwaited: boolean): Lateness {
  return isAwaited ? {} : { late: true };
}

export type TraceEvent =
  | (At & { readonly event: 'start'; readonly role: 'server' | 'client' })
  | (At & { readonly event: 'crash' })
  | (At & Message & { readonly event: 'send'; readonly to: Caller; readonly params?: Json })
  | (At & Message & Lateness & { readonly event: 'receive'; readonly from: Caller })
  | (At & Message & { readonly event: 'drop'; readonly to: NodeId; readonly why: string })
  | (At & { readonly event: 'note'; readonly label: string; readonly detail: Json });

export type TraceSink = (event: TraceEvent) => void;

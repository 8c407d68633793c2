// The events of a run. The worlds write them, never the protocols. Lamport stamps order them, so a
// diagram needs no synchronized clocks.
import type { Caller, NodeId } from './ids.ts';
import type { Json } from './json.ts';

/** What an event says of its cause. */
export interface Caused {
  /** The line of the script that caused it; absent if no line did. */
  readonly line?: number;
}

export function causedBy(line: number | undefined): Caused {
  return line === undefined ? {} : { line };
}

interface At extends Caused {
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
  /** A reply that no call waits for any more: it came too late, or a second time. */
  readonly late?: true;
}

/** The field that marks the receipt of a late reply. */
export function lateness(isAwaited: boolean): Lateness {
  return isAwaited ? {} : { late: true };
}

/** A change of links or of a node's execution: made by the world, without a step of a clock. */
export type Intervention =
  | { readonly event: 'link' | 'cut' | 'mute'; readonly peer: NodeId }
  | { readonly event: 'pause' | 'resume' };

/** Of a reply that is an error: its code, and what it says more. */
export interface Refused {
  readonly error?: string;
  readonly why?: string;
}

export type TraceEvent =
  | (At & { readonly event: 'start'; readonly role: 'server' | 'client' })
  | (At & { readonly event: 'crash' })
  | (At & Intervention)
  | (At &
      Message &
      Refused & { readonly event: 'send'; readonly to: Caller; readonly params?: Json })
  | (At & Message & Lateness & { readonly event: 'receive'; readonly from: Caller })
  | (At & Message & { readonly event: 'drop'; readonly to: NodeId; readonly why: string })
  | (At & { readonly event: 'note'; readonly label: string; readonly detail: Json })
  | ServiceNote;

/**
 * A note of the configuration service, which the master hosts. Its messages carry no Lamport time,
 * so `lamport` only counts its notes.
 */
export type ServiceNote = Omit<At, 'node'> & {
  readonly event: 'note';
  readonly node: 'master';
  readonly label: string;
  readonly detail: Json;
};

export type TraceSink = (event: TraceEvent) => void;

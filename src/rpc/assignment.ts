// What the master tells a process besides the control methods: who it is, and which links it has.
// These travel on the IPC channel only, which nobody but the parent holds. A message of that
// channel is an array of JSON-RPC objects: those that were sent within one turn of the event loop.
import type { RecoveredWrite } from '../kernel/history.ts';
import type { Life, NodeId, Role } from '../kernel/ids.ts';
import type { Options } from '../kernel/protocol.ts';
import type { LogErrorCode } from '../log/logError.ts';

/** The names of these methods. The dot keeps them apart from every control method. */
export const WORLD = {
  assign: 'world.assign',
  open: 'world.open',
  close: 'world.close',
  mute: 'world.mute',
  /** Opens the sockets of all links now; answers when each is open or has failed. */
  dial: 'world.dial',
  flush: 'world.flush',
  /** Sent by the process: asks the configuration service, `{ method, params }`. */
  consult: 'world.consult',
  /** Sent by the process, without an answer: `{ events }`. */
  trace: 'world.trace',
} as const;

/** Who may call: the holder of one of three tokens. */
export type Rank = Role | 'master';

/** Turns a process that is nobody yet into one life of one node. */
export interface Assignment extends Life {
  /** The protocol's name in the registry. */
  readonly protocol: string;
  readonly options: Options;
  readonly seed: number;
  readonly guarantees: readonly string[];
  /** Where a server keeps its log; without it nothing outlives the life. */
  readonly log?: {
    /** The data folder of the run, and the name in its manifest. */
    readonly data: string;
    readonly run: string;
    /** Whether the answer says what was recovered. */
    readonly tellsRecovered: boolean;
  };
  /** Whether events are wanted. */
  readonly trace: boolean;
  /** When the run began, in milliseconds of the machine's monotonic clock. */
  readonly epochMs: number;
  /** What this node presents to others. */
  readonly token: string;
  /** SHA-256 of the tokens that it accepts, in hex: it cannot present what it only accepts. */
  readonly digests: { readonly [rank in Rank]: string };
}

export interface Assigned {
  /** Where the process listens, on 127.0.0.1. */
  readonly port: number;
  /** What the user should know about the log. */
  readonly warnings: readonly string[];
  /** What the life begins with, if that was asked for. */
  readonly recovered: readonly RecoveredWrite[];
}

/** The answer of a server whose log is no good. It has not begun to live. */
export interface Refused {
  readonly refusal: { readonly code: LogErrorCode; readonly message: string };
}

/** One end of a link that is now open. */
export interface LinkOrder {
  readonly peer: Life & { readonly role: Role; readonly port: number };
  /** Counts the links of a run, so that a socket of an earlier link is not taken for this one. */
  readonly number: number;
}

export interface PeerOrder {
  readonly peer: NodeId;
}

export interface MuteOrder extends PeerOrder {
  readonly muted: boolean;
}

// What the master tells a process besides the control methods: which node it hosts, and its links.
// These messages use only the IPC channel, which only the parent process holds. A message on that
// channel is an array of JSON-RPC objects: those sent within one turn of the event loop.
import type { RecoveredWrite } from '../kernel/history.ts';
import type { Life, NodeId, Role } from '../kernel/ids.ts';
import type { LinkSetting } from '../kernel/linkSettings.ts';
import type { Options } from '../kernel/protocol.ts';
import type { LogErrorCode } from '../log/logError.ts';

/** The names of these methods. The dot distinguishes them from all control methods. */
export const WORLD = {
  /**
   * `{ protocol }`, without an answer: the process will run this protocol, and loads it now. It may
   * come before `assign`.
   */
  prepare: 'world.prepare',
  assign: 'world.assign',
  open: 'world.open',
  close: 'world.close',
  mute: 'world.mute',
  set: 'world.set',
  /** Opens the sockets of all links now; answers when each is open or has failed. */
  dial: 'world.dial',
  flush: 'world.flush',
  /** Answers with what `inspect` shows, but is no event of the run: no clock takes a step. */
  look: 'world.look',
  /** Sent by the process: calls the configuration service, `{ method, params }`. */
  callService: 'world.callService',
  /** Sent by the process, without an answer: `{ events }`. */
  trace: 'world.trace',
} as const;

/** The three kinds of callers, each with its own token. */
export type Rank = Role | 'master';

/** Makes an unassigned process one life of one node. */
export interface Assignment extends Life {
  /** The protocol's name in the registry. */
  readonly protocol: string;
  readonly options: Options;
  readonly seed: number;
  readonly guarantees: readonly string[];
  /** Where a server keeps its log. Without it, nothing outlives the life. */
  readonly log?: {
    /** The data folder of the run, and the name in its manifest. */
    readonly data: string;
    readonly run: string;
    /** Whether the answer includes what was recovered. */
    readonly tellsRecovered: boolean;
  };
  /** Whether the process sends trace events. */
  readonly trace: boolean;
  /** When the run began, in milliseconds of the machine's monotonic clock. */
  readonly epochMs: number;
  /** The token that this node presents to others. */
  readonly token: string;
  /** SHA-256 in hex of the accepted tokens: a digest cannot be presented in their place. */
  readonly digests: { readonly [rank in Rank]: string };
}

export interface Assigned {
  /** The port on 127.0.0.1 on which the process listens. */
  readonly port: number;
  /** Notes about the log for the user. */
  readonly warnings: readonly string[];
  /** The writes that the life begins with, if the assignment asks for them. */
  readonly recovered: readonly RecoveredWrite[];
}

/** The answer of a server that cannot use its log. Its life has not begun. */
export interface Refused {
  readonly refusal: { readonly code: LogErrorCode; readonly message: string };
}

/** One end of a link that is now open. */
export interface LinkOrder {
  readonly peer: Life & { readonly role: Role; readonly port: number };
  /** Counts the links of a run, so that sockets of an earlier link are recognized. */
  readonly number: number;
  /** What is set for messages to the peer; absent if nothing is. */
  readonly setting?: LinkSetting;
}

export interface PeerOrder {
  readonly peer: NodeId;
}

export interface MuteOrder extends PeerOrder {
  readonly muted: boolean;
}

/** Changes what is set for messages to the peer; without a setting nothing is. */
export interface SetOrder extends PeerOrder {
  readonly setting?: LinkSetting;
}

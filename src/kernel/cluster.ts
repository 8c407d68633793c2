// The interface between the master and a world. A script runs against a Cluster and cannot tell
// which world it has.
import type { Design, Options } from './design.ts';
import type { RecoveredWrite } from './history.ts';
import type { NodeId, Role } from './ids.ts';
import type { Json } from './json.ts';
import type { LinkChange } from './linkSettings.ts';
import type { Protocol } from './protocol.ts';
import type { TraceSink } from './trace.ts';

export interface NodeSpec {
  readonly role: Role;
  readonly id: NodeId;
  readonly incarnation: number;
  /** Only for clients: the guarantees requested at joining, beyond the protocol's defaults. */
  readonly guarantees?: readonly string[];
  /** Only for servers with logs: whether `start` returns the writes that the life begins with. */
  readonly tellsRecovered?: boolean;
  /** The line of the script that starts the life, for the trace. */
  readonly line?: number;
}

/** A death that was not ordered by the script. */
export interface Death {
  readonly id: NodeId;
  readonly incarnation: number;
  readonly why: string;
  /** Whether the node found a bug in its own code, which ends the run. */
  readonly isBug: boolean;
  /** Whether the life has not begun: the node was not taken. */
  readonly isRefusal?: true;
}

/** The part of the protocol's configuration service that scripts may use. */
export interface ServiceControl {
  /**
   * Lets the service run one of the protocol's own commands, and returns the lines to print.
   * Rejects with CallError E_NO_METHOD if there is no such service or command.
   */
  command(name: string, args: readonly string[]): Promise<readonly string[]>;
  /** The service's state as shown to users. Rejects as `command` does. */
  inspect(): Promise<Json>;
}

/** The answer to an operation, and what the world has learned about its effects. */
export interface Operated {
  readonly result: Json;
  /**
   * Settles as `ask(server, 'settle', {})` would. Undefined if the world has no answer on its way:
   * then the server has to be asked.
   */
  settled(server: NodeId): Promise<Json> | undefined;
}

/**
 * A world of nodes and links. Every promise settles; it rejects with a CallError when a node does
 * not answer, and with EnvironmentError when the world itself cannot go on (no port, no process). A
 * node that the caller believes alive may have died a moment ago. To kill, pause or cut off a dead
 * node changes nothing; `link` makes no link to it, and may reject with a CallError.
 *
 * A `line` is a line of the script and serves only the trace; it is absent if no line gave the
 * order.
 */
export interface Cluster {
  /**
   * The greatest incarnation of any life in earlier runs on the same data; 0 if no data outlives a
   * run. Every life of this run has a greater one, so no version is ever used twice.
   */
  readonly formerLives: number;
  /**
   * True if nothing shows in which order lives began and links were made. Then several calls of
   * `start` and `link` may be under way at once; a link waits for the starts of its ends.
   */
  readonly startsTogether?: boolean;
  /**
   * Starts a life. Resolves when the node answers, with the recovered writes if the spec asks for
   * them. The node has no links yet.
   */
  start(spec: NodeSpec): Promise<readonly RecoveredWrite[]>;
  /** Ends a life at once; no node is warned. Resolves when the node and its links are gone. */
  kill(id: NodeId, line?: number): Promise<void>;
  /** Stops a node's execution without ending it: it receives and answers nothing until resumed. */
  pause(id: NodeId, line?: number): Promise<void>;
  resume(id: NodeId, line?: number): Promise<void>;
  /** Lets messages travel between the two nodes, in both directions. */
  link(a: NodeId, b: NodeId, line?: number): Promise<void>;
  /** Lets no more messages travel between the two nodes; calls under way fail. */
  unlink(a: NodeId, b: NodeId, line?: number): Promise<void>;
  /**
   * From now on silently loses all messages from `from` to `to`; the other direction is unchanged.
   */
  mute(from: NodeId, to: NodeId, line?: number): Promise<void>;
  /**
   * Changes what happens to messages between nodes from now on. It holds by the ids of the nodes,
   * for links and lives that begin later too, and replaces what the world does otherwise. Messages
   * of the master and of the configuration service are not affected.
   */
  setLink(change: LinkChange): Promise<void>;
  /** Calls a control method of a node (control.ts) and returns its result. */
  ask(id: NodeId, method: string, params: Json, timeoutMs?: number, line?: number): Promise<Json>;
  /**
   * Calls an operation of a client as `ask` does, for a caller that then asks the server that
   * answered to settle. Present where that question can travel with the operation, which saves
   * messages.
   */
  operate?(
    id: NodeId,
    method: string,
    params: Json,
    timeoutMs: number,
    line?: number,
  ): Promise<Operated>;
  /**
   * Calls a control method of a paused node, which receives the call when it is resumed. The
   * promise settles as that of `ask` does, but must not be awaited: in simulation no time passes
   * for it.
   */
  tell(id: NodeId, method: string, params: Json, line?: number): Promise<void>;
  readonly service: ServiceControl;
  /** Milliseconds of this world's time, for the history; never goes back. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Ends every sleep under way. */
  wake(): void;
  /** A number in [0, 1) from the master's own seeded stream, the same in both worlds. */
  random(): number;
  /** Sets the one listener for deaths that were not ordered. */
  onDeath(listener: (death: Death) => void): void;
  /**
   * Ends every node and releases all resources. Tells the listener of nodes that a bug of theirs
   * had ended by then. Never rejects; may be called twice.
   */
  stop(): Promise<void>;
}

/** What a world is built from. */
export interface WorldSetup<D extends Design = Protocol> {
  readonly protocol: D;
  /** Complete: one text for each of the protocol's options. */
  readonly options: Options;
  readonly seed: number;
  readonly trace?: TraceSink;
  /** Receives information for the user that no command asked for. */
  readonly note?: (text: string) => void;
  /** Receives warnings for the user that no command asked for. */
  readonly warn?: (text: string) => void;
}

export type EnvironmentErrorCode =
  | 'E_SPAWN'
  | 'E_LIMIT'
  | 'E_IO'
  | 'E_LOG_MISSING'
  | 'E_LOG_CORRUPT'
  | 'E_LOG_FOREIGN'
  | 'E_LOG_VERSION'
  | 'E_LOG_NOT_FILE'
  | 'E_LOG_LOCKED';

/** The environment lacks what the script needs: a port, a folder, a process. */
export class EnvironmentError extends Error {
  readonly code: EnvironmentErrorCode;

  constructor(code: EnvironmentErrorCode, message: string) {
    super(message);
    this.name = 'EnvironmentError';
    this.code = code;
  }
}

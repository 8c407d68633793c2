// The upper seam: what the master may ask of a world. A script runs against a Cluster and cannot
// tell which one it has.
import type { RecoveredWrite } from './history.ts';
import type { NodeId, Role } from './ids.ts';
import type { Json } from './json.ts';
import type { Options, Protocol } from './protocol.ts';
import type { TraceSink } from './trace.ts';

export interface NodeSpec {
  readonly role: Role;
  readonly id: NodeId;
  readonly incarnation: number;
  /** Only for clients: the guarantees asked for at joining, beyond the protocol's defaults. */
  readonly guarantees?: readonly string[];
  /** Only for servers with logs: whether to say what the life begins with. */
  readonly tellsRecovered?: boolean;
  /** The line of the script that begins it, for the trace. */
  readonly line?: number;
}

/** A death that nobody ordered. */
export interface Death {
  readonly id: NodeId;
  readonly incarnation: number;
  readonly why: string;
  /** Whether the node found a bug in itself, which ends the run. */
  readonly isBug: boolean;
}

export interface ServiceCommands {
  /**
   * Has the service run one of the protocol's own commands, and gives the lines to print. Rejects
   * with a CallError: E_NO_METHOD where there is no such service, or command.
   */
  command(name: string, args: readonly string[]): Promise<readonly string[]>;
}

/**
 * A world of nodes and links. Every promise settles; it rejects with a CallError when a node does
 * not answer, and with EnvironmentError when the world itself cannot go on (no port, no process).
 * A node that does not live may have died a moment ago: to kill, pause or cut it off changes
 * nothing; a link to it is not made, and `link` may say so with a CallError.
 *
 * A `line` is the script's, for the trace alone; none where no line gave the order.
 */
export interface Cluster {
  /**
   * The greatest incarnation that a life had in earlier runs on the same data; 0 where nothing
   * outlives a run. Every life of this one has a greater one, so no version is ever given twice.
   */
  readonly formerLives: number;
  /**
   * Begins a life. Returns when the node answers, with what it has recovered, if that was asked
   * for. It has no links yet.
   */
  start(spec: NodeSpec): Promise<readonly RecoveredWrite[]>;
  /** Ends a life at once, without warning to anybody. Returns when it is gone, its links too. */
  kill(id: NodeId, line?: number): Promise<void>;
  /** Stops a node's execution without ending it: it hears and answers nothing until resumed. */
  pause(id: NodeId, line?: number): Promise<void>;
  resume(id: NodeId, line?: number): Promise<void>;
  /** Lets messages travel between the two, in both directions. */
  link(a: NodeId, b: NodeId, line?: number): Promise<void>;
  /** Lets nothing travel between the two any more; calls under way fail. */
  unlink(a: NodeId, b: NodeId, line?: number): Promise<void>;
  /** Loses, silently, everything that `from` sends to `to` from now on; the other way stays. */
  mute(from: NodeId, to: NodeId, line?: number): Promise<void>;
  /** Calls a control method of a node (control.ts) and gives its result. */
  ask(id: NodeId, method: string, params: Json, timeoutMs?: number, line?: number): Promise<Json>;
  /**
   * Calls a control method of a node that sleeps, and hears it when it wakes. Settles as `ask`
   * does, but is not to be waited for: in simulation no time passes for it.
   */
  tell(id: NodeId, method: string, params: Json, line?: number): Promise<void>;
  /** The protocol's configuration service, as far as scripts may use it. */
  readonly service: ServiceCommands;
  /** Milliseconds of this world's time, for the history; never goes back. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** A number in [0, 1) from the master's own seeded stream, the same in both worlds. */
  random(): number;
  /** Told about deaths that nobody ordered. At most one listener. */
  onDeath(listener: (death: Death) => void): void;
  /** Ends every node and gives everything back. Never rejects; may be called twice. */
  stop(): Promise<void>;
}

/** What a world is built from. */
export interface WorldSetup {
  readonly protocol: Protocol;
  /** Complete: one text for each of the protocol's options. */
  readonly options: Options;
  readonly seed: number;
  readonly trace?: TraceSink;
  /** Told what the user may want to know and no command asked for. */
  readonly note?: (text: string) => void;
  /** Told what the user should know and no command asked for. */
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

/** The environment does not allow what the script needs: a port, a folder, a process. */
export class EnvironmentError extends Error {
  readonly code: EnvironmentErrorCode;

  constructor(code: EnvironmentErrorCode, message: string) {
    super(message);
    this.name = 'EnvironmentError';
    this.code = code;
  }
}

// The interface through which the swarm runs scripts. The master provides it, since only the master
// knows the script language.
import type { Cluster } from '../kernel/cluster.ts';
import type { InitialWrite, Recorded } from '../kernel/history.ts';
import type { Options, Protocol } from '../kernel/protocol.ts';
import type { NextTurn } from '../sim/scheduler.ts';

/** A running script. */
export interface ScriptSession {
  /** Executes the next line. Rejects with the violation that it showed, never for a bad line. */
  do(text: string): Promise<void>;
  /** True between `concurrently` and `end`. */
  readonly isInBlock: boolean;
  /** True if no further line is executed, because a refused line makes the rest meaningless. */
  readonly isOver: boolean;
  /** Waits until the effects of deaths are handled. */
  quiesce(): Promise<void>;
  /** Ends every node. */
  stop(): Promise<void>;
}

export interface SessionSetup {
  readonly protocol: Protocol;
  readonly seed: number;
  readonly createCluster: (protocol: Protocol, options: Options) => Cluster;
  /** Called for every write of an earlier run that a server has recovered. */
  readonly onInitialWrite: (write: InitialWrite) => void;
  /** Called for every operation of a client when it has ended. */
  readonly onOperation: (operation: Recorded) => void;
  /** Called with the texts for stdout, as JSON lines, and the script's line that each is about. */
  readonly onAnswer: (text: string, line?: number) => void;
  /** Called with the texts for stderr. */
  readonly onDiagnostic: (text: string, line?: number) => void;
}

/** The script language, as the swarm uses it. */
export interface ScriptLanguage {
  open(setup: SessionSetup): ScriptSession;
  /** Every command that a script for the protocol may use. */
  commands(protocol: Protocol): readonly string[];
  /** Every code with which a line may be refused. */
  readonly lineErrors: readonly string[];
  /** How simulations yield between two events, where there is no setImmediate. */
  readonly nextTurn?: NextTurn;
}

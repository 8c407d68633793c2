// What the swarm needs of whoever can run scripts: the master hands it in, so that the script
// language stays the master's alone.
import type { Cluster } from '../kernel/cluster.ts';
import type { InitialWrite, Operation } from '../kernel/history.ts';
import type { Options, Protocol } from '../kernel/protocol.ts';

/** A script under way. */
export interface ScriptSession {
  /** Does one line after those before. Rejects with what broke the run, never for a bad line. */
  do(text: string): Promise<void>;
  /** True between `concurrently` and `end`. */
  readonly isInBlock: boolean;
  /** True when no further line is done: one was refused that the meaning of the rest needs. */
  readonly isOver: boolean;
  /** Waits for what deaths have set going. */
  quiesce(): Promise<void>;
  /** Ends every node. */
  stop(): Promise<void>;
}

export interface SessionSetup {
  readonly protocol: Protocol;
  readonly seed: number;
  readonly createCluster: (protocol: Protocol, options: Options) => Cluster;
  /** Told about every write of an earlier run that a server has brought. */
  readonly onInitialWrite: (write: InitialWrite) => void;
  /** Told about every operation of a client when it has ended. */
  readonly onOperation: (operation: Operation) => void;
  /** What stdout would hold, as JSON lines. */
  readonly onAnswer: (text: string) => void;
  /** What stderr would hold. */
  readonly onDiagnostic: (text: string) => void;
}

/** The script language, as the swarm sees it. */
export interface ScriptLanguage {
  open(setup: SessionSetup): ScriptSession;
  /** Every command that a script for the protocol may use. */
  commands(protocol: Protocol): readonly string[];
  /** Every code that a line may be refused with. */
  readonly lineErrors: readonly string[];
}

// What a page knows of one run, whichever world it ran in: the playground's worker makes it, a
// report holds it, and a live page collects it. It is data: it can be cloned, and written as JSON.
import type { InitialWrite, Recorded } from '../kernel/history.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { Inspection } from '../kernel/inspection.ts';
import type { Options } from '../kernel/protocol.ts';
import type { TraceEvent } from '../kernel/trace.ts';
import type { RunSource } from '../runner/source.ts';

export type { RunSource };

/** One output of the run. */
export interface SaidText {
  /** The script's line that it concerns, from 1; absent if none. */
  readonly line?: number;
  /** Diagnostics are what the program writes to standard error. */
  readonly stream: 'answer' | 'diagnostic';
  /** Without the newline. */
  readonly text: string;
}

/** The run judged as by `check` without a level. */
export interface RunVerdict {
  readonly lines: readonly string[];
  /** The first level that is broken, and the operations that show it; null if none is. */
  readonly witness: Witness | null;
}

export interface Witness {
  readonly level: string;
  readonly sentence: string;
  /** Indices into the history, in the order of the sentence. */
  readonly operations: readonly number[];
  /** The script's lines of these operations, ascending. */
  readonly lines: readonly number[];
}

/** The servers' states at one moment. */
export interface Look {
  /** The number of events that have happened. */
  readonly cursor: number;
  readonly servers: readonly ServerLook[];
  /** Of the configuration service; null for a protocol without one. */
  readonly service: Inspection | null;
}

export interface ServerLook {
  readonly id: NodeId;
  /** Null for a server that does not answer. */
  readonly state: Inspection | null;
}

/** A write that a server had from an earlier run when it joined. */
export interface EarlierWrite {
  readonly write: InitialWrite;
  /** The number of operations in the history when the server joined. */
  readonly after: number;
}

export interface RunView {
  readonly source: RunSource;
  readonly world: 'simulation' | 'processes';
  /** The protocol and options that the run had in the end. */
  readonly protocol: string;
  readonly options: Options;
  readonly said: readonly SaidText[];
  /** In the order in which they happened; a *cursor* is a number of events from the start. */
  readonly events: readonly TraceEvent[];
  readonly history: readonly Recorded[];
  /** The verdict knows of them, too. */
  readonly earlier: readonly EarlierWrite[];
  readonly verdict: RunVerdict;
  /** States that the run has kept, by ascending cursor: of a real world the only ones there are. */
  readonly looks: readonly Look[];
  /** Why the run could not go on; absent if it ended as it should. */
  readonly failure?: string;
}

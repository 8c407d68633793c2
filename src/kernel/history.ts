// The history of a run: what was there when it began, and one record for each operation that a
// client was asked to do. Checkers judge it; nothing else about the run is needed.
import type { NodeId } from './ids.ts';

/**
 * `[timestamp, server, incarnation]`: the identity of a write, and its place in the total order.
 */
export type VersionTuple = readonly [number, number, number];

/** How much of each life of a server was applied: `[server, incarnation, timestamp]`. */
export type VectorTuples = readonly (readonly [number, number, number])[];

/** A write that a server has recovered from its log when its life begins. It is JSON. */
export type RecoveredWrite = {
  readonly key: string;
  /** Null for a deletion. */
  readonly value: string | null;
  /** Null where the protocol gives writes no versions. */
  readonly version: VersionTuple | null;
  /** `ok` if it has taken effect; `unknown` if the server cannot know whether it has, or will. */
  readonly outcome: 'ok' | 'unknown';
};

/**
 * A write of an earlier run on the same data. A server held it when it joined this run for the
 * first time, which may be late: several servers may bring different versions of a key.
 */
export interface InitialWrite extends RecoveredWrite {
  readonly server: NodeId;
}

/**
 * How an operation ended.
 * - `ok`: answered. A get of an absent key is `absent`.
 * - `stale`: refused with ERR_DEP, because the server had not seen what the session depends on.
 * - `fail`: certainly did not happen.
 * - `unknown`: no answer after sending: it may have happened, or may still.
 */
export type Outcome = 'ok' | 'absent' | 'stale' | 'fail' | 'unknown';

/** How scripts and verdicts write the empty value. */
export const EMPTY_VALUE = '""';

/** A value as a script has it; `null` for none. */
export function showValue(value: string | null): string {
  return value === '' ? EMPTY_VALUE : String(value);
}

export interface Operation {
  readonly session: NodeId;
  readonly incarnation: number;
  /** Counts the session's operations from 0, in the order in which they were asked for. */
  readonly seq: number;
  readonly kind: 'put' | 'get' | 'delete';
  readonly key: string;
  /** What was put, or what a get returned; null for a delete or an absent key. */
  readonly value: string | null;
  readonly outcome: Outcome;
  /** Milliseconds of the world's time, as the master saw them. */
  readonly invokedAt: number;
  /** Null while nothing came back. */
  readonly returnedAt: number | null;
  /** The server that answered, or null. */
  readonly server: NodeId | null;
  /** The version that was written or read, or null. */
  readonly version: VersionTuple | null;
  /** What the answering server had applied when it answered, or null if it does not say. */
  readonly applied: VectorTuples | null;
  /** The line of the script that caused it. */
  readonly line: number;
}

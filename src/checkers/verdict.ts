// What a checker answers: a guarantee held, it was broken and here are the operations that show it,
// or nobody can say, and why.
import type { Recorded } from './history.ts';

/**
 * What a history can be judged for. `causal` is the weakest kind (CC); `causal-memory` (CM) and
 * `causal-convergence` (CCv) are each stronger and cannot be compared with one another.
 */
export type Level =
  | 'linearizable'
  | 'sequential'
  | 'causal-memory'
  | 'causal-convergence'
  | 'causal'
  | 'pram'
  | SessionGuarantee;

/** The guarantees of Terry et al.; the two about reads are read by key, and as they stand. */
export type SessionGuarantee = ReadGuarantee | WriteGuarantee;

/** What binds the reads of one session. */
export type ReadGuarantee =
  | 'read-your-writes-all-keys'
  | 'monotonic-reads-all-keys'
  | 'read-your-writes'
  | 'monotonic-reads';

/** What binds every server. */
export type WriteGuarantee = 'monotonic-writes' | 'writes-follow-reads';

/** What is judged from the servers' stores after each stabilize, not from the history alone. */
export type StoreLevel = 'convergence' | 'no-lost-writes';

/**
 * The shape of what went wrong. The first seven are the bad patterns of Bouajjani, Enea, Guerraoui
 * and Hamza, "On Verifying Causal Consistency" (POPL 2017), tables 2 and 3.
 */
export type Pattern =
  | 'CyclicCO'
  | 'ThinAirRead'
  | 'WriteCOInitRead'
  | 'WriteCORead'
  | 'CyclicCF'
  | 'WriteHBInitRead'
  | 'CyclicHB'
  | 'ReadBeforeWrite'
  | 'OverlappingZones'
  | 'EnclosedZone'
  | 'NoLinearization'
  | 'NoSequentialOrder'
  | 'ReadYourWrites'
  | 'MonotonicReads'
  | 'MonotonicWrites'
  | 'WritesFollowReads'
  | 'DifferentStores'
  | 'OlderThanBefore'
  | 'MissingWrite'
  | 'SameWritesDifferentStores'
  | 'LostWrite';

/** Why a guarantee did not hold. */
export interface Witness {
  readonly pattern: Pattern;
  /**
   * Operations that break the level by themselves, and of which none can be left out, as far as
   * that was found within a bound. None where servers differ in what no answered write explains.
   */
  readonly operations: readonly Recorded[];
  /** What they show, in plain words, with the lines of the script. */
  readonly sentence: string;
}

export type Judgement =
  | { readonly outcome: 'holds' }
  | { readonly outcome: 'broken'; readonly witness: Witness }
  | { readonly outcome: 'undecided'; readonly why: string };

export type Verdict<L extends Level | StoreLevel = Level> = Judgement & { readonly level: L };

export const HOLDS: Judgement = { outcome: 'holds' };

export function broken(
  pattern: Pattern,
  operations: readonly Recorded[],
  sentence: string,
): Judgement {
  return { outcome: 'broken', witness: { pattern, operations, sentence } };
}

export function undecided(why: string): Judgement {
  return { outcome: 'undecided', why };
}

/** A history that no run can have had: a session at two places at once, an end before its start. */
export class HistoryError extends Error {
  readonly operation: Recorded;

  constructor(operation: Recorded, message: string) {
    super(message);
    this.name = 'HistoryError';
    this.operation = operation;
  }
}

// The result of a checker: a guarantee held; or it was broken, with the operations that show it; or
// it is undecided, with a reason.
import type { Recorded } from './history.ts';

/**
 * What a history can be judged for. `causal` is the weakest kind (CC). `causal-memory` (CM) and
 * `causal-convergence` (CCv) are both stronger, and incomparable with each other.
 */
export type Level =
  | 'linearizable'
  | 'sequential'
  | 'causal-memory'
  | 'causal-convergence'
  | 'causal'
  | 'pram'
  | SessionGuarantee;

/** The guarantees of Terry et al. Those about reads exist per key and, as in the paper, for all. */
export type SessionGuarantee = ReadGuarantee | WriteGuarantee;

/** Guarantees that constrain the reads of one session. */
export type ReadGuarantee =
  | 'read-your-writes-all-keys'
  | 'monotonic-reads-all-keys'
  | 'read-your-writes'
  | 'monotonic-reads';

/** Guarantees that constrain every server. */
export type WriteGuarantee = 'monotonic-writes' | 'writes-follow-reads';

/** Isolation levels of databases that ask less of transactions than the levels of clients. */
export type TransactionLevel = 'read-atomic' | 'read-committed';

/** Every level for which a history of transactions can be judged. */
export type HistoryLevel = Level | TransactionLevel;

/** Judged from the servers' stores after each stabilize, not from the history alone. */
export type StoreLevel = 'convergence' | 'no-lost-writes';

/**
 * The kind of violation. The first seven are the bad patterns of Bouajjani, Enea, Guerraoui and
 * Hamza, "On Verifying Causal Consistency" (POPL 2017), tables 2 and 3.
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
  | 'DifferentReads'
  | 'OlderThanBefore'
  | 'MissingWrite'
  | 'SameWritesDifferentStores'
  | 'LostWrite'
  | 'ConcurrentValues'
  | 'DuplicateElement'
  | 'UnexpectedElement'
  | 'LostElement'
  | 'RemovedElement'
  | TransactionPattern;

/**
 * Violations by transactions: Adya, "Weak Consistency" (1999), G1a and G1b; Biswas and Enea, "On
 * the Complexity of Checking Transactional Consistency" (OOPSLA 2019), figure 2, for the last two.
 */
export type TransactionPattern =
  | 'InternalRead'
  | 'AbortedRead'
  | 'IntermediateRead'
  | 'NonRepeatableRead'
  | 'FracturedRead'
  | 'NonMonotonicRead';

/** Why a guarantee did not hold. */
export interface Witness {
  readonly pattern: Pattern;
  /**
   * Operations that break the level by themselves, none of which can be left out, as far as a
   * bounded search found. Empty if servers differ in a way that no answered write explains.
   */
  readonly operations: readonly Recorded[];
  /** What the operations show, in plain words, with the lines of the script. */
  readonly sentence: string;
}

export type Judgement =
  | { readonly outcome: 'holds' }
  | { readonly outcome: 'broken'; readonly witness: Witness }
  | { readonly outcome: 'undecided'; readonly why: string };

export type Verdict<L extends HistoryLevel | StoreLevel = Level> = Judgement & {
  readonly level: L;
};

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

/**
 * A malformed history, which no run can produce: a session with two operations at once, an end
 * before its start.
 */
export class HistoryError extends Error {
  readonly operation: Recorded;

  constructor(operation: Recorded, message: string) {
    super(message);
    this.name = 'HistoryError';
    this.operation = operation;
  }
}

// Judges which consistency a history had. Pure functions: the input is a history, the output is a
// verdict with a witness. Other programs (`causeway-kv/checkers`) may use only this file, and so do
// other rooms, except code that every run loads: it imports single files.
export { checkStores, type ServerDeath, type StoreRecord } from './afterStabilize.ts';
export { availabilityOf, type ClientAvailability } from './availability.ts';
export { type CheckOptions, check, type Summary, strongest } from './check.ts';
export { checkHistory, summarizeHistory } from './checkHistory.ts';
export {
  judgeStabilization,
  type Stabilization,
  type StabilizationFinding,
} from './convergence.ts';
export { judgeFinalReads } from './finalReads.ts';
export {
  type Add,
  type Append,
  type CompareAndSet,
  type History,
  isInitial,
  isPlain,
  type Pop,
  type Recorded,
  type SetChange,
  type SetRead,
} from './history.ts';
export { withInitial } from './initial.ts';
export { InitialWrites } from './initialWrites.ts';
export { LEVEL_MEANINGS, LEVELS, STORE_LEVELS, TRANSACTION_LEVELS } from './levels.ts';
export { linearizePartitions, type PartitionsResult } from './partitions.ts';
export { type KeyCall, type KeyState, REGISTER } from './register.ts';
export type { Basis } from './sessions.ts';
export type { Effect, SequentialSpecification } from './specification.ts';
export {
  HistoryError,
  type HistoryLevel,
  type Judgement,
  type Level,
  type Pattern,
  type ReadGuarantee,
  type SessionGuarantee,
  type StoreLevel,
  type TransactionLevel,
  type Verdict,
  type Witness,
  type WriteGuarantee,
} from './verdict.ts';
export {
  linearize,
  type SearchResult,
  type TimedCall,
} from './wingGong.ts';

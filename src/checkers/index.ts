// Which consistency a history had. Pure functions: a history goes in, a verdict with a witness
// comes out. This is all that other programs (`causeway-kv/checkers`) may use, and other rooms
// as well, but for what every run loads: that takes the files it needs.
export { checkStores, type ServerDeath, type StoreRecord } from './afterStabilize.ts';
export { availabilityOf, type ClientAvailability } from './availability.ts';
export { type CheckOptions, check, type Summary, strongest } from './check.ts';
export { checkHistory, summarizeHistory } from './checkHistory.ts';
export {
  judgeStabilization,
  type Stabilization,
  type StabilizationFinding,
} from './convergence.ts';
export {
  type Append,
  type CompareAndSet,
  type History,
  isInitial,
  type Recorded,
} from './history.ts';
export { withInitial } from './initial.ts';
export { InitialWrites } from './initialWrites.ts';
export { KEY_TYPE, type KeyCall, type KeyState } from './keyType.ts';
export { LEVELS, STORE_LEVELS } from './levels.ts';
export { linearizePartitions, type PartitionsResult } from './partitions.ts';
export type { Basis, SessionOptions } from './sessions.ts';
export {
  HistoryError,
  type Judgement,
  type Level,
  type Pattern,
  type SessionGuarantee,
  type StoreLevel,
  type Verdict,
  type Witness,
} from './verdict.ts';
export { linearize, type SearchResult, type SequentialType, type TimedCall } from './wingGong.ts';

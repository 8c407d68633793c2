// Which consistency a history had. Pure functions: a history goes in, a verdict with a witness
// comes out. This is all that other rooms, and other programs (`causeway/checkers`), may use.
export {
  checkStores,
  type ServerDeath,
  STORE_LEVELS,
  type StoreRecord,
} from './afterStabilize.ts';
export { availabilityOf, type ClientAvailability } from './availability.ts';
export { type CheckOptions, check, LEVELS, type Summary, strongest } from './check.ts';
export {
  judgeStabilization,
  type Stabilization,
  type StabilizationFinding,
} from './convergence.ts';
export { KEY_TYPE, type KeyCall, type KeyState } from './keyType.ts';
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

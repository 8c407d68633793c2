// Which consistency a history had. Pure functions: a history goes in, a verdict with a witness
// comes out. This is all that other programs (`causeway/checkers`) may use, and other
// rooms too; what every run loads takes the files themselves, as it needs no formats.
export {
  checkStores,
  type ServerDeath,
  STORE_LEVELS,
  type StoreRecord,
} from './afterStabilize.ts';
export { availabilityOf, type ClientAvailability } from './availability.ts';
export { type CheckOptions, check, LEVELS, type Summary, strongest } from './check.ts';
export { checkHistory, summarizeHistory } from './checkHistory.ts';
export {
  judgeStabilization,
  type Stabilization,
  type StabilizationFinding,
} from './convergence.ts';
export { type Format, FormatError, type HistoryReader, type Written } from './formats/format.ts';
export { readHistory, writeHistory } from './formats/histories.ts';
export { splitSessions } from './formats/splitSessions.ts';
export { FORMATS, GUESSED_LINES, guessFormat } from './formats/table.ts';
export type { Append, CompareAndSet, History, Recorded } from './history.ts';
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

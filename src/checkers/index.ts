// Which consistency a history had. Pure functions: a history goes in, a verdict with a witness
// comes out. This is all that other rooms, and other programs (`causeway/checkers`), may use.
export { judgeConvergence, viewCausally } from './causal.ts';
export { judgeCausalMemory, judgePram } from './causalMemory.ts';
export { KEY_TYPE, type KeyCall, type KeyState } from './keyType.ts';
export { judgeLinearizability } from './linearizability.ts';
export { createModel, type Model } from './model.ts';
export { linearizePartitions, type PartitionsResult } from './partitions.ts';
export { type Basis, basisOf, judgeSessions, type SessionOptions } from './sessions.ts';
export {
  HistoryError,
  type Judgement,
  type Level,
  type Pattern,
  type SessionGuarantee,
  type Verdict,
  type Witness,
} from './verdict.ts';
export { linearize, type SearchResult, type SequentialType, type TimedCall } from './wingGong.ts';

// Judges the session guarantees of Terry et al., "Session Guarantees for Weakly Consistent
// Replicated Data" (PDIS 1994), section 3. If servers report which writes they had applied,
// DB(S,t), the verdict is exact. Otherwise it uses versions, or else values; what these leave open
// is undecided. Where writes have causal contexts, versions are no order, and contexts decide.
import type { Operation, Recorded } from '../kernel/history.ts';
import { Answers, type AnswersSetup } from './answers.ts';
import { ContextAnswers } from './contextAnswers.ts';
import { judgeByContexts } from './dominance.ts';
import type { HistoryTable } from './historyTable.ts';
import type { Normalized } from './normalize.ts';
import { INITIAL } from './readsFrom.ts';
import { judgeServerOrder } from './serverOrder.ts';
import { judgeReads } from './sessionReads.ts';
import type { Judgement, SessionGuarantee } from './verdict.ts';

/** The best data that a verdict on a session guarantee can use. */
export type Basis = 'contexts' | 'vectors' | 'versions' | 'values';

export function basisOf(history: readonly Recorded[]): Basis {
  let basis: Basis = 'values';
  for (const { applied, version, context } of history) {
    if (context !== undefined) return 'contexts';
    if (applied !== null) basis = 'vectors';
    else if (version !== null && basis === 'values') basis = 'versions';
  }
  return basis;
}

/** Judges one history for each of the guarantees. */
export class SessionJudge {
  readonly judge: (guarantee: SessionGuarantee) => Judgement;

  /** `history` has all recorded operations; vectors of refused operations count too. */
  constructor(normalized: Normalized, history: readonly Operation[], setup: AnswersSetup) {
    if (basisOf(history) === 'contexts') {
      const answers = new ContextAnswers(normalized, setup.isTimed);
      this.judge = (guarantee) => judgeByContexts(normalized, answers, guarantee);
      return;
    }
    const answers = new Answers(normalized, setup);
    this.judge = (guarantee) =>
      guarantee === 'monotonic-writes' || guarantee === 'writes-follow-reads'
        ? judgeServerOrder(normalized, answers, history, guarantee)
        : judgeReads(normalized, answers, guarantee);
  }
}

/** The reads, by their numbers in `normalized`, that returned the initial value of their key. */
export function findInitialReads({ operations, from, numbers }: HistoryTable): ReadonlySet<number> {
  const isSuch = ({ kind, value, version }: Operation, op: number): boolean =>
    kind === 'get' && from[op] === INITIAL && (value !== null || version !== null);
  const reads = [...operations.keys()].filter((op) => isSuch(operations[op] as Operation, op));
  return new Set(reads.map((op) => numbers[op] as number));
}

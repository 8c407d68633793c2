// The session guarantees of Terry et al., "Session Guarantees for Weakly Consistent Replicated
// Data" (PDIS 1994), section 3. Where servers report the writes that they had applied, DB(S,t),
// they are decided exactly; else from versions, and else from values, as far as these go: what
// they leave open is undecided.
import type { Operation } from '../kernel/history.ts';
import { Answers } from './answers.ts';
import type { HistoryTable } from './historyTable.ts';
import type { Normalized } from './normalize.ts';
import { INITIAL } from './readsFrom.ts';
import { judgeServerOrder } from './serverOrder.ts';
import { judgeReads } from './sessionReads.ts';
import type { Judgement, SessionGuarantee } from './verdict.ts';

/** What a session guarantee is decided from, at best. */
export type Basis = 'vectors' | 'versions' | 'values';

export function basisOf(history: readonly Operation[]): Basis {
  let hasVersions = false;
  for (const { applied, version } of history) {
    if (applied !== null) return 'vectors';
    if (version !== null) hasVersions = true;
  }
  return hasVersions ? 'versions' : 'values';
}

/** Judges one history for any of the guarantees. */
export class SessionJudge {
  readonly #normalized: Normalized;
  readonly #history: readonly Operation[];
  readonly #answers: Answers;

  /**
   * `gathered` is of the history, which has what refused operations said about servers too. The
   * reads in `initial` found what their key has for initial value.
   */
  constructor(
    normalized: Normalized,
    history: readonly Operation[],
    initial: ReadonlySet<number> = new Set(),
  ) {
    this.#normalized = normalized;
    this.#history = history;
    this.#answers = new Answers(normalized, initial);
  }

  judge(guarantee: SessionGuarantee): Judgement {
    return guarantee === 'monotonic-writes' || guarantee === 'writes-follow-reads'
      ? judgeServerOrder(this.#normalized, this.#answers, this.#history, guarantee)
      : judgeReads(this.#normalized, this.#answers, guarantee);
  }
}

/** The reads, by their numbers in `gathered`, that found what their key has for initial value. */
export function findInitialReads({ operations, from, numbers }: HistoryTable): ReadonlySet<number> {
  const isSuch = ({ kind, value, version }: Operation, op: number): boolean =>
    kind === 'get' && from[op] === INITIAL && (value !== null || version !== null);
  const reads = [...operations.keys()].filter((op) => isSuch(operations[op] as Operation, op));
  return new Set(reads.map((op) => numbers[op] as number));
}

// Judges the record of a run. Loaded with the first check, because most runs have none.
import { checkStores, type StoreRecord } from '../checkers/afterStabilize.ts';
import { check, strongest } from '../checkers/check.ts';
import { checkHistory, summarizeHistory } from '../checkers/checkHistory.ts';
import { type History, isPlain } from '../checkers/history.ts';
import { withInitial } from '../checkers/initial.ts';
import type { InitialWrites } from '../checkers/initialWrites.ts';
import { STORE_LEVELS } from '../checkers/levels.ts';
import type { Level, StoreLevel, Verdict } from '../checkers/verdict.ts';
import type { Recorded } from '../kernel/history.ts';
import { type Checked, isLevel } from './checked.ts';
import { tellGap, tellSummary, tellVerdicts, type VerdictText } from './verdictText.ts';

/** All data that verdicts depend on. */
export interface RunRecord extends StoreRecord {
  /** The writes of earlier runs that servers had. */
  readonly initial: InitialWrites;
  readonly operations: readonly Recorded[];
  /** Why the operations decide nothing, if that is so. */
  readonly gap: string | undefined;
}

export interface Judged {
  readonly text: VerdictText;
  /**
   * The outcomes of the named levels, in their order. Without named levels: empty, except for a
   * check of an empty history.
   */
  readonly outcomes: readonly Verdict['outcome'][];
}

/** Without levels: a summary, in which those of the levels `asked` that are broken come first. */
export function judgeRecord(
  record: RunRecord,
  levels: readonly Checked[],
  asked: readonly Checked[] = [],
): Judged {
  if (levels.length === 0) return summarize(record, asked);
  const verdicts = levels.map((level) => judge(record, level));
  return { text: tellVerdicts(verdicts), outcomes: verdicts.map(({ outcome }) => outcome) };
}

function summarize(record: RunRecord, asked: readonly Checked[]): Judged {
  const { operations, gap } = record;
  const stores = seenOfStores(record).map((level) => judge(record, level));
  if (gap !== undefined) return { text: tellGap(gap, stores), outcomes: [] };
  const history = historyOf(record);
  const summary = isPlain(history) ? strongest(history) : summarizeHistory(asFile(history));
  return {
    text: tellSummary(summary, stores, operations.length, brokenOf(record, asked)),
    outcomes: summary.nothing === undefined ? [] : ['undecided'],
  };
}

/** The levels of histories among them that are broken; those of stores are in every summary. */
function brokenOf(record: RunRecord, asked: readonly Checked[]): Verdict<Level>[] {
  return asked.filter(isLevel).flatMap((level) => {
    const verdict = judge(record, level);
    return verdict.outcome === 'broken' ? [{ ...verdict, level }] : [];
  });
}

function seenOfStores({ findings }: RunRecord): readonly StoreLevel[] {
  return findings.length === 0 ? [] : STORE_LEVELS;
}

function judge(record: RunRecord, level: Checked): Verdict<Checked> {
  const { initial, operations, gap } = record;
  // Whether stores are equal does not depend on the operations.
  if (level !== 'convergence' && gap !== undefined)
    return { level, outcome: 'undecided', why: gap };
  if (isLevel(level)) {
    const history = historyOf(record);
    return isPlain(history) ? check(history, level) : checkHistory(asFile(history), level);
  }
  return checkStores(withInitial(initial.list(), operations), record, level);
}

/** The operations, and the earlier runs' writes of the keys that these operations name. */
function historyOf({ initial, operations }: RunRecord): readonly Recorded[] {
  return withInitial(initial.list(new Set(operations.map(({ key }) => key))), operations);
}

/** The history of a run, which has other operations than puts, gets and deletes, as a file's. */
function asFile(operations: readonly Recorded[]): History {
  return { operations, isTimed: true, transactions: 0 };
}

// Judges what a run remembers of itself. Loaded with the first check: most runs have none.
import { checkStores, type StoreRecord } from '../checkers/afterStabilize.ts';
import { check, strongest } from '../checkers/check.ts';
import { withInitial } from '../checkers/initial.ts';
import type { InitialWrites } from '../checkers/initialWrites.ts';
import { STORE_LEVELS } from '../checkers/levels.ts';
import type { StoreLevel, Verdict } from '../checkers/verdict.ts';
import type { Operation } from '../kernel/history.ts';
import { type Checked, isLevel } from './checked.ts';
import { type Finding, tellGap, tellSummary, tellVerdicts } from './verdictText.ts';

/** All that verdicts follow from. */
export interface RunRecord extends StoreRecord {
  /** What servers had from earlier runs. */
  readonly initial: InitialWrites;
  readonly operations: readonly Operation[];
  /** Why nothing can be decided from the operations, if that is so. */
  readonly gap: string | undefined;
}

export interface Judged {
  readonly finding: Finding;
  /** Of the levels that were named, in their order; without any, of a check of nothing. */
  readonly outcomes: readonly Verdict['outcome'][];
}

export function judgeRecord(record: RunRecord, levels: readonly Checked[]): Judged {
  if (levels.length === 0) return summarize(record);
  const verdicts = levels.map((level) => judge(record, level));
  return { finding: tellVerdicts(verdicts), outcomes: verdicts.map(({ outcome }) => outcome) };
}

function summarize(record: RunRecord): Judged {
  const { operations, gap } = record;
  const stores = seenOfStores(record).map((level) => judge(record, level));
  if (gap !== undefined) return { finding: tellGap(gap, stores), outcomes: [] };
  const summary = strongest(historyOf(record));
  return {
    finding: tellSummary(summary, stores, operations.length),
    outcomes: summary.nothing === undefined ? [] : ['undecided'],
  };
}

function seenOfStores({ findings }: RunRecord): readonly StoreLevel[] {
  if (findings.length === 0) return [];
  const holdAlike = findings.every((finding) => finding.holdAlike);
  return STORE_LEVELS.filter((level) => holdAlike || level !== 'convergence');
}

function judge(record: RunRecord, level: Checked): Verdict<Checked> {
  const { initial, operations, gap } = record;
  // Whether stores are equal does not depend on how they came about.
  if (level !== 'convergence' && gap !== undefined)
    return { level, outcome: 'undecided', why: gap };
  if (isLevel(level)) return check(historyOf(record), level);
  return checkStores(withInitial(initial.list(), operations), record, level);
}

/** With what earlier runs wrote, as far as it is of keys that the operations name. */
function historyOf({ initial, operations }: RunRecord): readonly Operation[] {
  return withInitial(initial.list(new Set(operations.map(({ key }) => key))), operations);
}

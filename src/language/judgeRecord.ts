// Judges what a run remembers of itself. Loaded with the first check: most runs have none.
import { checkStores, type StoreRecord } from '../checkers/afterStabilize.ts';
import { check, strongest } from '../checkers/check.ts';
import { STORE_LEVELS } from '../checkers/levels.ts';
import type { StoreLevel, Verdict } from '../checkers/verdict.ts';
import type { Operation } from '../kernel/history.ts';
import { type Checked, isLevel } from './checked.ts';
import { type Finding, tellGap, tellSummary, tellVerdicts } from './verdictText.ts';

/** All that verdicts follow from. */
export interface RunRecord extends StoreRecord {
  readonly operations: readonly Operation[];
  /** Why nothing can be decided from the operations, if that is so. */
  readonly gap: string | undefined;
}

export interface Judged {
  readonly finding: Finding;
  /** Of the levels that were named, in their order. */
  readonly outcomes: readonly Verdict['outcome'][];
}

export function judgeRecord(record: RunRecord, levels: readonly Checked[]): Judged {
  if (levels.length === 0) return { finding: summarize(record), outcomes: [] };
  const verdicts = levels.map((level) => judge(record, level));
  return { finding: tellVerdicts(verdicts), outcomes: verdicts.map(({ outcome }) => outcome) };
}

function summarize(record: RunRecord): Finding {
  const { operations, gap } = record;
  const stores = seenOfStores(record).map((level) => judge(record, level));
  return gap === undefined
    ? tellSummary(strongest(operations), stores, operations.length)
    : tellGap(gap, stores);
}

function seenOfStores({ findings }: RunRecord): readonly StoreLevel[] {
  if (findings.length === 0) return [];
  const holdAlike = findings.every((finding) => finding.holdAlike);
  return STORE_LEVELS.filter((level) => holdAlike || level !== 'convergence');
}

function judge(record: RunRecord, level: Checked): Verdict<Checked> {
  const { operations, gap } = record;
  // Whether stores are equal does not depend on how they came about.
  if (level !== 'convergence' && gap !== undefined)
    return { level, outcome: 'undecided', why: gap };
  return isLevel(level) ? check(operations, level) : checkStores(operations, record, level);
}

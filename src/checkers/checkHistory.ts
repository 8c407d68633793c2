// Judges any history, and limits each verdict to what the history can show. Without times,
// linearizability can be broken but not confirmed.
import { availabilityOf } from './availability.ts';
import { type CheckOptions, check, type Summary, strongest } from './check.ts';
import { TransactionCheck, UNTIMED } from './checkTransactions.ts';
import { type History, isPlain, type Recorded } from './history.ts';
import { IMPLIES, IMPLIES_AS_SEEN, IMPLIES_OF_TRANSACTIONS, impliedBy } from './implications.ts';
import { withInitial } from './initial.ts';
import { KeyTypesCheck } from './keyTypes.ts';
import { isTransactionLevel, LEVELS } from './levels.ts';
import { undefinedFor } from './mixedCheck.ts';
import { toReadsAndWrites } from './readsAndWrites.ts';
import { basisOf } from './sessions.ts';
import { whyNothing } from './subject.ts';
import {
  type HistoryLevel,
  HOLDS,
  type Judgement,
  type Level,
  undecided,
  type Verdict,
} from './verdict.ts';

/** Throws a HistoryError for a malformed history. */
export function checkHistory<L extends HistoryLevel>(
  history: History,
  level: L,
  options: CheckOptions = {},
): Verdict<L> {
  const operations = operationsOf(history);
  const whole = { ...history, operations };
  if (history.transactions > 0 || isTransactionLevel(level)) {
    return { ...judgeTransactions(whole, options)(level), level };
  }
  return { ...checkOperations(whole, level as Level, options), level };
}

function checkOperations(whole: History, level: Level, options: CheckOptions): Verdict {
  const { isTimed } = whole;
  const asked = level === 'linearizable' && !isTimed ? 'sequential' : level;
  const found = isPlain(whole.operations)
    ? check(whole.operations, asked, { ...options, isTimed })
    : (judgeMixed(whole, [level], options)[0] as Verdict);
  return temper(whole, level, found);
}

/** As `strongest`, for any history. */
export function summarizeHistory(
  history: History,
  options: CheckOptions = {},
): Summary<HistoryLevel> {
  const { isTimed, transactions } = history;
  const operations = operationsOf(history);
  if (!isPlain(operations)) return summarizeMixed({ ...history, operations }, options);
  if (transactions > 0)
    return new TransactionCheck(operations, { ...options, isTimed }).summarize();
  const summary = strongest(operations, { ...options, isTimed });
  if (isTimed) return summary;
  const found = new Map(summary.verdicts.map((verdict) => [verdict.level, verdict]));
  const verdicts = LEVELS.map((level) => {
    const asked = level === 'linearizable' && !isTimed ? 'sequential' : level;
    return temper(history, level, found.get(asked) as Verdict);
  });
  const held = summary.strongest.map((level) => (level === 'linearizable' ? 'sequential' : level));
  return {
    ...summary,
    strongest: held,
    firstBroken: verdicts.findLast(({ outcome }) => outcome === 'broken'),
    verdicts,
  };
}

/** The operations, with the initial writes before them. */
function operationsOf({ initial = [], operations }: History): readonly Recorded[] {
  if (initial.length === 0) return operations;
  const keys = new Set(operations.map(({ key }) => key));
  return withInitial(
    initial.filter(({ key }) => keys.has(key)),
    operations,
  );
}

/** Weakens a verdict that single operations justify, but missing times do not. */
function temper(history: History, level: Level, found: Verdict): Verdict {
  const { isTimed, operations } = history;
  const nothing = found.outcome === 'broken' ? undefined : whyNothing(operations, level);
  if (nothing !== undefined) return { level, ...undecided(nothing) };
  if (found.outcome !== 'holds') return { ...found, level };
  if (level === 'linearizable' && !isTimed) return { level, ...undecided(UNTIMED) };
  return { ...found, level };
}

/** Judges each operation that belongs to no transaction as one. */
function judgeTransactions(
  history: History,
  options: CheckOptions,
): (level: HistoryLevel) => Judgement {
  const { operations, isTimed, transactions } = history;
  if (isPlain(operations)) {
    const judged = new TransactionCheck(operations, { ...options, isTimed });
    return (level) => judged.verdict(level);
  }
  return (level) => {
    // Without transactions it follows from a level that other operations have as well.
    const isImplied =
      transactions === 0 &&
      impliedBy<HistoryLevel>('causal-convergence', [IMPLIES_OF_TRANSACTIONS]).has(level) &&
      checkOperations(history, 'causal-convergence', options).outcome === 'holds';
    return isImplied ? HOLDS : undecided(undefinedFor(operations));
  };
}

function judgeMixed(history: History, levels: readonly Level[], options: CheckOptions): Verdict[] {
  const mixed = new KeyTypesCheck(history, options);
  return levels.map((level) => ({ level, ...mixed.judge(level) }));
}

function summarizeMixed(history: History, options: CheckOptions): Summary {
  const verdicts = judgeMixed(history, LEVELS, options).map((one) =>
    temper(history, one.level, one),
  );
  const held = verdicts.filter(({ outcome }) => outcome === 'holds').map(({ level }) => level);
  const basis = basisOf(toReadsAndWrites(history.operations)?.operations ?? []);
  const maps = basis === 'values' ? [IMPLIES, IMPLIES_AS_SEEN] : [IMPLIES];
  const isImplied = (level: Level): boolean =>
    held.some((other) => impliedBy(other, maps).has(level));
  return {
    strongest: held.filter((level) => !isImplied(level)),
    firstBroken: verdicts.findLast(({ outcome }) => outcome === 'broken'),
    verdicts,
    nothing: whyNothing(history.operations, 'linearizable'),
    basis,
    availability: availabilityOf(history.operations),
  };
}

// Judges any history, and limits each verdict to what the history can show. Without times,
// linearizability can be broken but not confirmed. The causal levels do not define append, pop and
// compare-and-set.
import { availabilityOf } from './availability.ts';
import { type CheckOptions, check, judgeAlone, type Summary, strongest } from './check.ts';
import { TransactionCheck } from './checkTransactions.ts';
import { judgeConcurrent } from './concurrentValues.ts';
import { type History, isPlain, type Recorded } from './history.ts';
import { withInitial } from './initial.ts';
import { judgeSequentialCalls } from './jointSearch.ts';
import { prepareParts } from './keySearch.ts';
import { isTransactionLevel, LEVELS } from './levels.ts';
import { judgeCalls } from './linearizability.ts';
import { DEFAULT_BUDGET } from './partitions.ts';
import { toRegisters } from './registerReads.ts';
import { shorten } from './shorten.ts';
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
  if (transactions > 0) return new TransactionCheck(operations, options).summarize();
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
  { operations }: History,
  options: CheckOptions,
): (level: HistoryLevel) => Judgement {
  if (isPlain(operations)) {
    const judged = new TransactionCheck(operations, options);
    return (level) => judged.verdict(level);
  }
  return () => undecided(undefinedFor(operations));
}

function undefinedFor(operations: readonly Recorded[]): string {
  const { kind, line } = operations.find((one) => !isPlain([one])) ?? {};
  return `it is defined for reads and writes, and not for ${kind} (line ${line})`;
}

const UNTIMED = 'the history does not say when operations began and ended';

function judgeMixed(
  { operations, isTimed, transactions }: History,
  levels: readonly Level[],
  { budget }: CheckOptions,
): Verdict[] {
  if (transactions > 0) {
    return levels.map((level) => ({ level, ...undecided(undefinedFor(operations)) }));
  }
  const { operations: calls, concurrent } = toRegisters(operations);
  let linearizable = concurrent && judgeConcurrent(concurrent);
  const isLinearizable = (): Judgement => {
    linearizable ??= isTimed
      ? showWitness(calls, judgeCalls(calls, budget), budget)
      : undecided(UNTIMED);
    return linearizable;
  };
  return levels.map((level): Verdict => {
    if (level === 'linearizable') return { level, ...isLinearizable() };
    if (level === 'sequential') {
      if (concurrent !== undefined) return { level, ...judgeConcurrent(concurrent) };
      if (isLinearizable().outcome === 'holds') return { level, ...HOLDS };
      return { level, ...judgeSessionOrder(calls, budget) };
    }
    return { level, ...undecided(undefinedFor(operations)) };
  });
}

function judgeSessionOrder(operations: readonly Recorded[], budget: number | undefined): Judgement {
  const found = judgeSequentialCalls(operations, budget);
  if (found.outcome !== 'broken') return found;
  const judge = (part: readonly Recorded[]): Judgement => judgeSequentialCalls(part, budget);
  // A key goes as a whole, or not at all: any of its writes may explain any of its reads.
  const named = new Set(found.witness.operations.map(({ key }) => key));
  let part: readonly Recorded[] = operations.filter(({ key }) => named.has(key));
  if (judge(part).outcome !== 'broken') part = operations;
  for (const key of new Set(part.map((one) => one.key))) {
    const left = part.filter((one) => one.key !== key);
    if (judge(left).outcome === 'broken') part = left;
  }
  return { ...found, witness: shorten(part, 'sequential', found.witness, judge) };
}

function showWitness(
  operations: readonly Recorded[],
  found: Judgement,
  budget: number | undefined,
): Judgement {
  if (found.outcome !== 'broken') return found;
  const options = budget === undefined ? {} : { budget };
  const judge = (part: readonly Recorded[]): Judgement =>
    isPlain(part) ? judgeAlone(part, 'linearizable', options) : judgeCalls(part, budget);
  const key = found.witness.operations[0]?.key;
  const ofKey = operations.filter((operation) => operation.key === key);
  const isBroken = prepareParts(ofKey, budget ?? DEFAULT_BUDGET);
  const witness = shorten(operations, 'linearizable', found.witness, judge, isBroken);
  return { ...found, witness };
}

function summarizeMixed(history: History, options: CheckOptions): Summary {
  const verdicts = judgeMixed(history, LEVELS, options).map((one) =>
    temper(history, one.level, one),
  );
  const [first] = verdicts;
  return {
    strongest: first?.outcome === 'holds' ? ['linearizable'] : [],
    firstBroken: verdicts.findLast(({ outcome }) => outcome === 'broken'),
    verdicts,
    nothing: whyNothing(history.operations, 'linearizable'),
    basis: 'values',
    availability: availabilityOf(history.operations),
  };
}

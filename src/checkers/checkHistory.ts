// Judges any history, and limits each verdict to what the history can show. Without times,
// linearizability can be broken but not confirmed. The levels below sequential do not define
// append, pop and add. A history of sets is judged apart.
import { availabilityOf } from './availability.ts';
import { type CheckOptions, check, judgeAlone, type Summary, strongest } from './check.ts';
import { TransactionCheck, UNTIMED } from './checkTransactions.ts';
import { judgeConcurrent } from './concurrentValues.ts';
import { type History, isOfSet, isPlain, type Recorded } from './history.ts';
import { IMPLIES, IMPLIES_AS_SEEN, impliedBy } from './implications.ts';
import { withInitial } from './initial.ts';
import { judgeSequentialCalls } from './jointSearch.ts';
import { prepareParts } from './keySearch.ts';
import { isTransactionLevel, LEVELS } from './levels.ts';
import { judgeCalls } from './linearizability.ts';
import { DEFAULT_BUDGET } from './partitions.ts';
import { type ReadsAndWrites, tellReads, toReadsAndWrites } from './readsAndWrites.ts';
import { toRegisters } from './registerReads.ts';
import { basisOf } from './sessions.ts';
import { SetCheck } from './setHistory.ts';
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
import { tell } from './words.ts';

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
  const { isTimed, operations } = whole;
  if (operations.some(isOfSet)) {
    const check = new SetCheck(operations, isTimed, options);
    return temper(whole, level, { level, ...check.judge(level) });
  }
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
  { operations, isTimed }: History,
  options: CheckOptions,
): (level: HistoryLevel) => Judgement {
  if (isPlain(operations)) {
    const judged = new TransactionCheck(operations, { ...options, isTimed });
    return (level) => judged.verdict(level);
  }
  return () => undecided(undefinedFor(operations));
}

function undefinedFor(operations: readonly Recorded[]): string {
  const { kind, line } = operations.find((one) => !isPlain([one])) ?? {};
  return `it is defined for reads and writes, and not for ${kind} (line ${line})`;
}

function judgeMixed(history: History, levels: readonly Level[], options: CheckOptions): Verdict[] {
  const { operations, isTimed } = history;
  const mixed = operations.some(isOfSet)
    ? new SetCheck(operations, isTimed, options)
    : new MixedCheck(history, options);
  return levels.map((level) => ({ level, ...mixed.judge(level) }));
}

/** The levels that see a compare-and-set as a read and a write. */
const BELOW_SEQUENTIAL = LEVELS.filter((level) => !['linearizable', 'sequential'].includes(level));

/** A history with operations that are no reads and writes. */
class MixedCheck {
  readonly #history: History;
  readonly #options: CheckOptions;
  readonly #found = new Map<Level, Judgement>();
  readonly #parts: ReadsAndWrites | undefined;

  constructor(history: History, options: CheckOptions) {
    this.#history = history;
    this.#options = options;
    this.#parts = toReadsAndWrites(history.operations);
  }

  judge(level: Level): Judgement {
    const found = this.#found.get(level) ?? this.#judge(level);
    this.#found.set(level, found);
    return found;
  }

  #judge(level: Level): Judgement {
    const { operations, transactions } = this.#history;
    if (transactions > 0) return undecided(undefinedFor(operations));
    if (BELOW_SEQUENTIAL.includes(level)) return this.#judgeParts(level);
    const { recorded, ...told } = tellReads(operations);
    const { operations: calls, concurrent } = toRegisters(told.operations);
    if (concurrent !== undefined) return judgeConcurrent(concurrent);
    return showAs(this.#judgeOrder(level, calls), recorded);
  }

  #judgeOrder(level: Level, calls: readonly Recorded[]): Judgement {
    const { budget } = this.#options;
    if (level === 'linearizable') {
      if (!this.#history.isTimed) return undecided(UNTIMED);
      return showWitness(calls, judgeCalls(calls, budget), budget);
    }
    return this.judge('linearizable').outcome === 'holds'
      ? HOLDS
      : judgeSessionOrder(calls, budget);
  }

  /** A level that knows only reads and writes, and asks for nothing that these do not. */
  #judgeParts(level: Level): Judgement {
    const parts = this.#parts;
    if (parts === undefined) return undecided(undefinedFor(this.#history.operations));
    const { isTimed } = this.#history;
    const judged = check(parts.operations, level, {
      ...{ ...this.#options, isTimed, levels: BELOW_SEQUENTIAL },
    });
    if (judged.outcome === 'broken') return showAs(judged, parts.recorded);
    const isImplied = impliedBy('sequential', [IMPLIES]).has(level);
    const isSettled = judged.outcome === 'holds' && parts.blind === undefined;
    if (isSettled) return HOLDS;
    if (isImplied && this.judge('sequential').outcome === 'holds') return HOLDS;
    if (judged.outcome === 'undecided') return judged;
    return undecided(`${tell(parts.blind as Recorded)}, and nothing says what it found`);
  }
}

/** With the recorded operations in place of their parts, each once. */
function showAs(found: Judgement, recorded: ReadonlyMap<Recorded, Recorded>): Judgement {
  if (found.outcome !== 'broken') return found;
  const { witness } = found;
  const operations = witness.operations.map((one) => recorded.get(one) ?? one);
  return { ...found, witness: { ...witness, operations: [...new Set(operations)] } };
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

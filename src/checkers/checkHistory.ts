// Judges any history, and claims no more of it than it can show: one without times is linearizable
// or not, who knows; one of transactions that were taken apart can only be found broken; appends
// and compare-and-sets have no place in the definitions of the causal levels.
import { availabilityOf } from './availability.ts';
import { type CheckOptions, check, type Summary, strongest } from './check.ts';
import { type History, isPlain, type Recorded } from './history.ts';
import { withInitial } from './initial.ts';
import { judgeCalls } from './keySearch.ts';
import { LEVELS } from './levels.ts';
import { whyNothing } from './subject.ts';
import { HOLDS, type Judgement, type Level, undecided, type Verdict } from './verdict.ts';

/** Throws a HistoryError for what cannot be a history. */
export function checkHistory(history: History, level: Level, options: CheckOptions = {}): Verdict {
  const { isTimed } = history;
  const whole = { ...history, operations: operationsOf(history) };
  const found = isPlain(whole.operations)
    ? check(whole.operations, level === 'linearizable' && !isTimed ? 'sequential' : level, options)
    : (judgeMixed(whole, [level], options)[0] as Verdict);
  return temper(history, level, found);
}

/** As `strongest`, for any history. */
export function summarizeHistory(history: History, options: CheckOptions = {}): Summary {
  const { isTimed, transactions } = history;
  const operations = operationsOf(history);
  if (!isPlain(operations)) return summarizeMixed({ ...history, operations }, options);
  const summary = strongest(operations, options);
  if (isTimed && transactions === 0) return summary;
  const found = new Map(summary.verdicts.map((verdict) => [verdict.level, verdict]));
  const verdicts = LEVELS.map((level) => {
    const asked = level === 'linearizable' && !isTimed ? 'sequential' : level;
    return temper(history, level, found.get(asked) as Verdict);
  });
  const held = summary.strongest.map((level) => (level === 'linearizable' ? 'sequential' : level));
  return {
    ...summary,
    strongest: transactions > 0 ? [] : held,
    firstBroken: verdicts.findLast(({ outcome }) => outcome === 'broken'),
    verdicts,
  };
}

/** With what was there before them. */
function operationsOf({ initial = [], operations }: History): readonly Recorded[] {
  const keys = new Set(operations.map(({ key }) => key));
  return withInitial(
    initial.filter(({ key }) => keys.has(key)),
    operations,
  );
}

/** What holds for operations one by one, in some order, need not hold for more than that. */
function temper(history: History, level: Level, found: Verdict): Verdict {
  const { isTimed, transactions, operations } = history;
  const nothing = found.outcome === 'broken' ? undefined : whyNothing(operations, level);
  if (nothing !== undefined) return { level, ...undecided(nothing) };
  if (found.outcome !== 'holds') return { ...found, level };
  if (level === 'linearizable' && !isTimed) return { level, ...undecided(UNTIMED) };
  if (transactions === 0) return { ...found, level };
  const why = `its operations keep it one by one, but ${transactions} transactions have several`;
  return { level, ...undecided(why) };
}

const UNTIMED = 'the history does not say when operations began and ended';

function judgeMixed(
  { operations, isTimed }: History,
  levels: readonly Level[],
  { budget }: CheckOptions,
): Verdict[] {
  let linearizable: Judgement | undefined;
  const isLinearizable = (): Judgement => {
    linearizable ??= isTimed ? judgeCalls(operations, budget) : undecided(UNTIMED);
    return linearizable;
  };
  const { kind, line } = operations.find(({ kind }) => kind === 'append' || kind === 'cas') ?? {};
  return levels.map((level): Verdict => {
    if (level === 'linearizable') return { level, ...isLinearizable() };
    if (level === 'sequential') {
      if (isLinearizable().outcome === 'holds') return { level, ...HOLDS };
      return { level, ...undecided(`no search knows the operation ${kind} (line ${line})`) };
    }
    const why = `it is defined for reads and writes, and not for ${kind} (line ${line})`;
    return { level, ...undecided(why) };
  });
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

// Judges any history, and claims no more of it than it can show: one without times is linearizable
// or not, who knows; one of transactions that were taken apart can only be found broken; appends
// and compare-and-sets have no place in the definitions of the causal levels.
import type { Operation } from '../kernel/history.ts';
import { availabilityOf } from './availability.ts';
import { type CheckOptions, check, judgeAlone, type Summary, strongest } from './check.ts';
import { type History, isPlain, type Recorded } from './history.ts';
import { judgeCalls } from './keySearch.ts';
import { LEVELS } from './levels.ts';
import { shorten } from './shorten.ts';
import { HOLDS, type Judgement, type Level, undecided, type Verdict } from './verdict.ts';

/** Throws a HistoryError for what cannot be a history. */
export function checkHistory(history: History, level: Level, options: CheckOptions = {}): Verdict {
  const { operations, isTimed } = history;
  if (!isPlain(operations)) return judgeMixed(operations, [level], options)[0] as Verdict;
  const asked = level === 'linearizable' && !isTimed ? 'sequential' : level;
  const found = isOrdered(operations, asked, options) ? HOLDS : check(operations, asked, options);
  return temper(history, level, { level, ...found });
}

/**
 * Whether a history without versions is linearizable, which implies all other levels and is quick
 * to find out, where equal values leave many ways to read it.
 */
function isOrdered(operations: readonly Operation[], level: Level, options: CheckOptions): boolean {
  if (level === 'linearizable' || operations.some(({ version }) => version !== null)) return false;
  return check(operations, 'linearizable', options).outcome === 'holds';
}

/** As `strongest`, for any history. */
export function summarizeHistory(history: History, options: CheckOptions = {}): Summary {
  const { operations, isTimed, transactions } = history;
  if (!isPlain(operations)) return summarizeMixed(operations, options);
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

/** What holds for operations one by one, in some order, need not hold for more than that. */
function temper({ isTimed, transactions }: History, level: Level, found: Verdict): Verdict {
  if (found.outcome !== 'holds') return { ...found, level };
  if (level === 'linearizable' && !isTimed) {
    return { level, ...undecided('the history does not say when operations began and ended') };
  }
  if (transactions === 0) return { ...found, level };
  const why = `its operations keep it one by one, but ${transactions} transactions have several`;
  return { level, ...undecided(why) };
}

function judgeMixed(
  operations: readonly Recorded[],
  levels: readonly Level[],
  { budget }: CheckOptions,
): Verdict[] {
  let linearizable: Judgement | undefined;
  const isLinearizable = (): Judgement => {
    linearizable ??= showWitness(operations, judgeCalls(operations, budget), budget);
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

function showWitness(
  operations: readonly Recorded[],
  found: Judgement,
  budget: number | undefined,
): Judgement {
  if (found.outcome !== 'broken') return found;
  const options = budget === undefined ? {} : { budget };
  const judge = (part: readonly Recorded[]): Judgement =>
    isPlain(part) ? judgeAlone(part, 'linearizable', options) : judgeCalls(part, budget);
  return { ...found, witness: shorten(operations, 'linearizable', found.witness, judge) };
}

function summarizeMixed(operations: readonly Recorded[], options: CheckOptions): Summary {
  const verdicts = judgeMixed(operations, LEVELS, options);
  const [first] = verdicts;
  return {
    strongest: first?.outcome === 'holds' ? ['linearizable'] : [],
    firstBroken: verdicts.findLast(({ outcome }) => outcome === 'broken'),
    verdicts,
    basis: 'values',
    availability: availabilityOf(operations),
  };
}

// Judges a history that leaves open which of several writes a read has returned (equal values
// without versions, and absent keys). It has a guarantee if at least one interpretation has it. The
// most likely interpretation is tried first. If an interpretation breaks the guarantee, the choices
// that cause this are found and are never combined again.
import type { Operation } from '../kernel/history.ts';
import {
  candidateAt,
  type HistoryTable,
  LEFT_OPEN,
  LEFT_OUT,
  type Readings,
} from './historyTable.ts';
import { Nogoods, type Pick, type Variables } from './nogoods.ts';
import type { Doubt } from './readsFrom.ts';
import { broken, type Judgement, undecided } from './verdict.ts';
import { tell } from './words.ts';

/** How many history tables may be judged if minimal causes are computed, and if they are not. */
const MOST_TABLES = 4_000;
const MOST_READINGS = 1_000;
/** How many history tables may be judged for a guess. */
const MOST_GUESSED = 100;
/** Operations times tables. */
const MOST_WORK = 2_000_000;

export interface ReadingOptions {
  /**
   * Whether leaving out a read can never break the guarantee. If so, the choices that break it are
   * found by leaving out all other reads; if not, only whole interpretations are excluded.
   */
  readonly isMonotone: boolean;
  /** Fewer candidates, most likely first; undefined if some doubt has none left. */
  readonly narrow?: (readings: Readings) => Readings | undefined;
  /** The readings with most doubts resolved as is likely; undefined if that is not known. */
  readonly guess?: () => Readings | undefined;
  /** The doubts that `judge` resolves itself; none by default. */
  readonly isLeftOpen?: (doubt: Doubt) => boolean;
  /** How many history tables may be judged; thousands by default. */
  readonly budget?: number | undefined;
}

export function judgeReadings(
  readings: Readings,
  judge: (table: HistoryTable) => Judgement,
  options: ReadingOptions,
): Judgement {
  return findScarce(readings) ?? judgeLikeliest(readings, judge, options);
}

/** Looks for a violation of every interpretation before many of them are tried. */
function judgeLikeliest(
  readings: Readings,
  judge: (table: HistoryTable) => Judgement,
  options: ReadingOptions,
): Judgement {
  const { narrow, isMonotone, guess } = options;
  if (readings.doubts.length === 0) return judge(readings.certain);
  if (narrow === undefined || !isMonotone) return new Search(readings, judge, options).run();
  const likeliest = judge(readings.table(readings.doubts.map(() => 0)));
  const hasGroups = readings.doubts.some(({ group }) => group !== undefined);
  if (likeliest.outcome === 'holds' && !hasGroups) return likeliest;
  const certain = judge(readings.certain);
  if (certain.outcome === 'broken') return certain;
  const narrowed = narrow(readings);
  if (narrowed === undefined) return likeliest;
  const guessed = hasGroups ? undefined : guess?.();
  const few = guessed && narrow(guessed);
  if (few !== undefined) {
    const budget = Math.min(MOST_GUESSED, options.budget ?? MOST_GUESSED);
    const found = new Search(few, judge, { ...options, budget }).run();
    if (found.outcome === 'holds') return found;
  }
  return new Search(narrowed, judge, options).run();
}

class Search {
  readonly #readings: Readings;
  readonly #judge: (table: HistoryTable) => Judgement;
  readonly #isMonotone: boolean;
  /** The numbers of the doubts that this search decides. */
  readonly #decided: readonly number[];
  /** Before any pick: LEFT_OPEN for the doubts that `judge` resolves, else LEFT_OUT. */
  readonly #blank: Int32Array;
  readonly #most: number;
  #count = 0;

  constructor(
    readings: Readings,
    judge: (table: HistoryTable) => Judgement,
    { isMonotone, isLeftOpen = () => false, budget = Infinity }: ReadingOptions,
  ) {
    const { doubts, normalized } = readings;
    this.#readings = readings;
    this.#judge = judge;
    this.#isMonotone = isMonotone;
    this.#blank = Int32Array.from(doubts, (doubt) => (isLeftOpen(doubt) ? LEFT_OPEN : LEFT_OUT));
    this.#decided = [...doubts.keys()].filter((number) => this.#blank[number] === LEFT_OUT);
    const most = isMonotone ? MOST_TABLES : MOST_READINGS;
    this.#most = Math.min(most, budget, MOST_WORK / (normalized.operations.length + 1));
  }

  run(): Judgement {
    const nogoods = new Nogoods(this.#variables());
    let first: Judgement | undefined;
    for (let choice = nogoods.choose(); choice !== undefined; choice = nogoods.choose()) {
      const all = Array.from(choice, (option, variable) => ({ variable, option }));
      const found = this.#judgeWith(all);
      if (found.outcome === 'holds') return found;
      const isReducible = this.#isMonotone && found.outcome === 'broken';
      const culprits = isReducible ? this.#reduce([], first === undefined, all) : all;
      if (first === undefined || found.outcome === 'undecided') first = found;
      if (culprits.length === 0) return first;
      if (this.#count >= this.#most) return this.#giveUp();
      nogoods.add(culprits);
    }
    return nogoods.hasGivenUp ? this.#giveUp() : (first ?? tooFewWrites(this.#readings));
  }

  #variables(): Variables {
    const { doubts } = this.#readings;
    const doubtOf = (variable: number): Doubt => doubts[this.#decided[variable] as number] as Doubt;
    const count = this.#decided.length;
    const variables = Array.from({ length: count }, (_, variable) => variable);
    return {
      count,
      optionCount: (variable) => doubtOf(variable).candidates.length,
      bound: variables.filter((variable) => doubtOf(variable).group !== undefined),
      excludes: (a, b) => {
        const [one, other] = [doubtOf(a.variable), doubtOf(b.variable)];
        if (one.group !== other.group) return false;
        return candidateAt(one, a.option) === candidateAt(other, b.option);
      },
    };
  }

  /** Judges the table in which the doubts that are not picked are left out. */
  #judgeWith(picks: readonly Pick[]): Judgement {
    this.#count += 1;
    const choice = this.#blank.slice();
    for (const { variable, option } of picks) choice[this.#decided[variable] as number] = option;
    return this.#judge(this.#readings.table(choice));
  }

  /**
   * QuickXplain (Junker, AAAI 2004): returns a minimal subset of `picks` that breaks the guarantee
   * together with `base`, whatever the other choices are; a larger subset if the budget ends.
   */
  #reduce(base: readonly Pick[], hasGrown: boolean, picks: readonly Pick[]): readonly Pick[] {
    if (hasGrown && this.#count < this.#most && this.#isBroken(base)) return [];
    if (picks.length <= 1) return picks;
    const middle = picks.length >> 1;
    const [left, right] = [picks.slice(0, middle), picks.slice(middle)];
    const late = this.#reduce([...base, ...left], true, right);
    const early = this.#reduce([...base, ...late], late.length > 0, left);
    return [...early, ...late];
  }

  #isBroken(picks: readonly Pick[]): boolean {
    return this.#judgeWith(picks).outcome === 'broken';
  }

  #giveUp(): Judgement {
    return undecided(
      `equal values were written: ${this.#count} readings of the history were not enough`,
    );
  }
}

/** Finds a value that was read under more versions than it was written. */
function findScarce({ doubts, normalized }: Readings): Judgement | undefined {
  const groups = new Map<string, Doubt[]>();
  for (const doubt of doubts) {
    if (doubt.group === undefined) continue;
    groups.set(doubt.group, [...(groups.get(doubt.group) ?? []), doubt]);
  }
  const isScarce = (group: readonly Doubt[]): boolean =>
    group.length > new Set(group.flatMap(({ candidates }) => candidates)).size;
  const scarce = [...groups.values()].find(isScarce);
  return (
    scarce && tellVersions(normalized, scarce, 'Under more versions than there were writes of it')
  );
}

/** The verdict if no assignment of different writes to different versions is left. */
function tooFewWrites({ doubts, normalized }: Readings): Judgement {
  const named = doubts.filter(({ group }) => group !== undefined);
  return tellVersions(normalized, named, 'No different writes explain the different versions of');
}

function tellVersions(
  normalized: Readings['normalized'],
  doubts: readonly Doubt[],
  what: string,
): Judgement {
  const reads = doubts.slice(0, 4).map((doubt) => doubt.reads[0] as number);
  const operations = reads.map((read) => normalized.operations[read] as Operation);
  return broken('ThinAirRead', operations, `${what}: ${operations.map(tell).join(', ')}.`);
}

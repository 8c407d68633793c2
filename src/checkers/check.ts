// Checks whether a history has a given level, and finds the strongest levels that it has. The
// levels form a lattice: a level that a stronger one implies is not judged again.
import type { Operation } from '../kernel/history.ts';
import { availabilityOf, type ClientAvailability } from './availability.ts';
import { type CausalView, judgeConvergence, orderCausally, viewCausally } from './causal.ts';
import { judgeCausalMemory, judgePram, orderBySessions } from './causalMemory.ts';
import { judgeConcurrent } from './concurrentValues.ts';
import { guessReadings } from './guess.ts';
import { isInitial } from './history.ts';
import { type HistoryTable, Readings } from './historyTable.ts';
import { IMPLIES, IMPLIES_AS_SEEN, impliedBy } from './implications.ts';
import { judgeReadings, type ReadingOptions } from './interpretations.ts';
import { isSessionGuarantee, LEVELS } from './levels.ts';
import { judgeLinearizability } from './linearizability.ts';
import { type ClocksOf, narrow } from './narrowing.ts';
import { normalize } from './normalize.ts';
import type { Doubt } from './readsFrom.ts';
import { type RegisterHistory, toRegisters } from './registerReads.ts';
import { searchSequential } from './sequential.ts';
import { type Basis, basisOf, findInitialReads, SessionJudge } from './sessions.ts';
import { shorten } from './shorten.ts';
import { whyNothing } from './subject.ts';
import {
  type HistoryLevel,
  HOLDS,
  type Judgement,
  type Level,
  type SessionGuarantee,
  undecided,
  type Verdict,
} from './verdict.ts';
import { tell } from './words.ts';

export interface CheckOptions {
  /**
   * How many states a search for one order may store (2,000,000 for linearizability, 200,000 for
   * sequential consistency by default), and how many interpretations may be judged (thousands).
   */
  readonly budget?: number;
  /** Whether times tell which operation began after which had ended; so unless told. */
  readonly isTimed?: boolean;
  /** Whether nothing is concluded from other levels; some of them take long. */
  readonly isAlone?: boolean;
  /** The levels from which others may be concluded: all, unless told. */
  readonly levels?: readonly Level[];
}

const CAUSAL = ['causal-convergence', 'causal-memory'] as const;

/** Throws a HistoryError for a malformed history. */
export function check(
  history: readonly Operation[],
  level: Level,
  options: CheckOptions = {},
): Verdict {
  return createCheck(history, options)(level);
}

/** As `check`, for several levels of one history. */
export function createCheck(history: readonly Operation[], options: CheckOptions) {
  const judged = new Check(history, options);
  return (level: Level): Verdict => judged.show(judged.verdict(level));
}

/** As `check`, but returns the first witness found, which may lack operations that it needs. */
export function judgeAlone(
  history: readonly Operation[],
  level: Level,
  options: CheckOptions,
): Verdict {
  return new Check(history, options).verdict(level);
}

export interface Summary<L extends HistoryLevel = Level> {
  /** The levels that held and that no other held level implies; empty if all levels broke. */
  readonly strongest: readonly L[];
  /** The weakest level that broke: the first failure when the list is read from its end. */
  readonly firstBroken: Verdict<L> | undefined;
  /** One for each level, strongest first. */
  readonly verdicts: readonly Verdict<L>[];
  /** The reason, if there is nothing to judge; then every level is undecided. */
  readonly nothing: string | undefined;
  /** The data that the session guarantees were decided from. */
  readonly basis: Basis;
  readonly availability: readonly ClientAvailability[];
}

export function strongest(history: readonly Operation[], options: CheckOptions = {}): Summary {
  const judged = new Check(history, options);
  const verdicts = LEVELS.map((level) => judged.show(judged.verdict(level)));
  const held = verdicts.filter(({ outcome }) => outcome === 'holds').map(({ level }) => level);
  return {
    strongest: held.filter((level) => !judged.isImplied(level, held)),
    firstBroken: verdicts.findLast(({ outcome }) => outcome === 'broken'),
    verdicts,
    nothing: whyNothing(history, 'linearizable'),
    basis: judged.basis,
    availability: availabilityOf(history),
  };
}

class Check {
  readonly #history: readonly Operation[];
  readonly #options: CheckOptions;
  /** The history as the levels about registers see it, and its readings. */
  readonly #registers: RegisterHistory;
  readonly #readings: Readings;
  readonly #found = new Map<Level, Judgement>();
  readonly #views = new WeakMap<HistoryTable, CausalView>();
  /** Session guarantees that hold only because a stronger level does. */
  readonly #concluded = new Set<Level>();
  #guessed: { readonly readings: Readings | undefined } | undefined;
  #sessions: SessionJudge | undefined;
  #basis: Basis | undefined;

  constructor(history: readonly Operation[], options: CheckOptions) {
    this.#history = history;
    this.#options = options;
    this.#registers = toRegisters(history);
    this.#readings = Readings.of(this.#registers.operations);
  }

  get basis(): Basis {
    this.#basis ??= basisOf(this.#history);
    return this.#basis;
  }

  /** A level that holds only because there was nothing to judge counts as undecided. */
  verdict(level: Level): Verdict {
    const found = this.#resolve(level);
    const nothing = found.outcome === 'broken' ? undefined : whyNothing(this.#history, level);
    return { level, ...(nothing === undefined ? found : undecided(nothing)) };
  }

  /** Replaces the witness by a small part of the history that breaks the level by itself. */
  show(verdict: Verdict): Verdict {
    if (verdict.outcome !== 'broken') return verdict;
    const { level, witness } = verdict;
    const { operations, recorded } = this.#registers;
    const seen = isSessionGuarantee(level) ? this.#history : operations;
    const judge = (part: readonly Operation[]): Judgement => judgeAlone(part, level, this.#options);
    const small = shorten(seen, level, witness, judge);
    const shown = small.operations.map((one) => recorded.get(one) ?? one);
    return { ...verdict, witness: { ...small, operations: shown } };
  }

  /** Whether one of the held levels implies this level for this history. */
  isImplied(level: Level, held: readonly Level[]): boolean {
    return this.#concluded.has(level) || held.some((other) => this.#implied(other).has(level));
  }

  /** The level's own judgement, or one that follows from the judgements of other levels. */
  #resolve(level: Level): Judgement {
    if (this.#options.isAlone) return this.#find(level);
    const { levels = LEVELS } = this.#options;
    const stronger = levels.filter((other) => this.#implied(other).has(level));
    if (stronger.some((other) => this.#found.get(other)?.outcome === 'holds')) return HOLDS;
    // With reads in doubt, one search for an order is faster than many interpretations.
    const isFirst = this.#readings.doubts.length > 0 && stronger.includes('linearizable');
    if (isFirst && this.#holds('linearizable')) return HOLDS;
    const found = this.#find(level);
    if (found.outcome !== 'undecided') return found;
    if (this.#isConcluded(level)) return HOLDS;
    const weaker = levels.filter((other) => this.#implied(level).has(other)).reverse();
    return weaker.map((other) => this.#find(other)).find(isBroken) ?? found;
  }

  /** All levels that this level implies for this history. */
  #implied(level: Level): ReadonlySet<Level> {
    return impliedBy(level, this.basis === 'values' ? [IMPLIES, IMPLIES_AS_SEEN] : [IMPLIES]);
  }

  /**
   * Whether a stronger level holds, tried from the weakest. It may decide what versions left open.
   */
  #isConcluded(level: Level): boolean {
    const isExact = this.basis === 'vectors' || this.basis === 'contexts';
    const maps = isExact ? [IMPLIES] : [IMPLIES, IMPLIES_AS_SEEN];
    const impliedBySome = (other: Level): ReadonlySet<Level> => impliedBy(other, maps);
    const broken = new Set<Level>();
    const { levels = LEVELS } = this.#options;
    for (const other of levels.filter((one) => impliedBySome(one).has(level)).reverse()) {
      if ([...impliedBySome(other)].some((weaker) => broken.has(weaker))) continue;
      const { outcome } = this.#find(other);
      if (outcome === 'broken') broken.add(other);
      if (outcome !== 'holds') continue;
      if (!this.#implied(other).has(level)) this.#concluded.add(level);
      return true;
    }
    return false;
  }

  #holds(level: Level): boolean {
    return this.#find(level).outcome === 'holds';
  }

  #find(level: Level): Judgement {
    let found = this.#found.get(level);
    if (found === undefined) {
      found = this.#judge(level);
      this.#found.set(level, found);
    }
    return found;
  }

  #judge(level: Level): Judgement {
    if (isSessionGuarantee(level)) return this.#judgeSessions(level);
    const { concurrent } = this.#registers;
    if (concurrent !== undefined) return judgeConcurrent(concurrent);
    switch (level) {
      case 'linearizable':
        return judgeLinearizability(this.#readings, this.#options.budget);
      case 'sequential':
        return this.#judgeSequential();
      case 'causal-memory':
        return this.#read((table) => judgeCausalMemory(this.#view(table)), orderCausally);
      case 'causal-convergence':
        return this.#read((table) => judgeConvergence(this.#view(table)), orderCausally);
      case 'causal':
        return this.#read((table) => this.#view(table).causal, orderCausally);
      case 'pram':
        return this.#read(judgePram, orderBySessions);
    }
  }

  /** The search runs last: most histories are linearizable, or break a cheaper level. */
  #judgeSequential(): Judgement {
    if (this.#holds('linearizable')) return HOLDS;
    const causal = CAUSAL.map((level) => this.#find(level)).find(isBroken);
    if (causal !== undefined) return causal;
    const search = (table: HistoryTable): Judgement =>
      searchSequential(table, this.#options.budget);
    // For a key with writes of earlier runs, all reads together decide which write is the initial
    // value. So the doubts of these keys are not left to the search.
    const { operations } = this.#readings.normalized;
    const begun = new Set(operations.filter(isInitial).map(({ key }) => key));
    const isLeftOpen = ({ group, reads: [read = -1] }: Doubt): boolean =>
      group === undefined && !begun.has((operations[read] as Operation).key);
    return this.#interpret(this.#readings, search, { isMonotone: false, isLeftOpen });
  }

  #judgeSessions(level: SessionGuarantee): Judgement {
    const several = this.#history.find(({ siblings }) => siblings !== undefined);
    if (several !== undefined && this.basis !== 'contexts') {
      return undecided(`${tell(several)}, and nothing orders the versions of concurrent values`);
    }
    this.#sessions ??= this.#createSessionJudge();
    return this.#sessions.judge(level);
  }

  /** Vectors and contexts say more than which reads were initial. */
  #createSessionJudge(): SessionJudge {
    const isTold = this.basis === 'vectors' || this.basis === 'contexts';
    const isNeeded = !isTold && this.#history.some(isInitial);
    const initial = isNeeded ? findInitialReads(this.#readings.certain) : new Set<number>();
    // Values alone are judged as the levels above are, which know no time.
    const isTimed = this.basis !== 'values' && this.#options.isTimed !== false;
    const isShown = this.#registers.operations === this.#history;
    const normalized = isShown ? this.#readings.normalized : normalize(this.#history);
    return new SessionJudge(normalized, this.#history, { initial, isTimed });
  }

  #read(
    judge: (table: HistoryTable) => Judgement,
    order: (table: HistoryTable) => ClocksOf,
  ): Judgement {
    return this.#interpret(this.#readings, judge, {
      isMonotone: true,
      narrow: (readings) => narrow(readings, order),
      guess: () => this.#guess(),
    });
  }

  /** Guessed once for all levels. */
  #guess(): Readings | undefined {
    this.#guessed ??= { readings: guessReadings(this.#readings) };
    return this.#guessed.readings;
  }

  #interpret(
    readings: Readings,
    judge: (table: HistoryTable) => Judgement,
    options: ReadingOptions,
  ): Judgement {
    return judgeReadings(readings, judge, { ...options, budget: this.#options.budget });
  }

  #view(table: HistoryTable): CausalView {
    let view = this.#views.get(table);
    if (view === undefined) {
      view = viewCausally(table);
      this.#views.set(table, view);
    }
    return view;
  }
}

function isBroken({ outcome }: Judgement): boolean {
  return outcome === 'broken';
}

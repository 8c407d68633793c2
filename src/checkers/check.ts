// The questions that a user asks: does this history have that level, and what is the strongest
// level that it has? The levels form a lattice; what a stronger one implies is not judged again.
import type { Operation } from '../kernel/history.ts';
import { availabilityOf, type ClientAvailability } from './availability.ts';
import { type CausalView, judgeConvergence, orderCausally, viewCausally } from './causal.ts';
import { judgeCausalMemory, judgePram, orderBySessions } from './causalMemory.ts';
import { isInitial } from './history.ts';
import { judgeReadings, type ReadingOptions } from './interpretations.ts';
import { LEVELS } from './levels.ts';
import { judgeLinearizability } from './linearizability.ts';
import { type Model, Readings } from './model.ts';
import { type ClocksOf, narrow } from './narrowing.ts';
import type { Doubt } from './readsFrom.ts';
import { searchSequential } from './sequential.ts';
import { type Basis, basisOf, judgeSessions, type SessionOptions } from './sessions.ts';
import { whyNothing } from './subject.ts';
import {
  HOLDS,
  type Judgement,
  type Level,
  type SessionGuarantee,
  undecided,
  type Verdict,
} from './verdict.ts';

export interface CheckOptions extends SessionOptions {
  /**
   * How many states a search for one order may remember, 2,000,000 and 200,000 unless told; and how
   * many ways to read the history may be judged, thousands unless told.
   */
  readonly budget?: number;
}

/** What each level implies directly, for any history. CC implies less than one might think. */
const IMPLIES: ReadonlyMap<Level, readonly Level[]> = new Map([
  ['linearizable', ['sequential']],
  ['sequential', ['causal-memory', 'causal-convergence']],
  ['causal-memory', ['causal', 'pram']],
  ['causal-convergence', ['causal']],
]);

/**
 * What each level implies as far as values show. A server may lack a write without any client being
 * able to tell, so where versions or vectors tell it this does not count.
 */
const IMPLIES_BY_VALUES: ReadonlyMap<Level, readonly Level[]> = new Map([
  ['causal-memory', LEVELS.slice(6)],
  ['causal-convergence', LEVELS.slice(6)],
  ['pram', ['read-your-writes', 'monotonic-reads']],
]);

const GUARANTEES: ReadonlySet<Level> = new Set(LEVELS.slice(6));

const CAUSAL = ['causal-convergence', 'causal-memory'] as const;

const JUDGED_BY_SERVERS: ReadonlySet<Level> = new Set(['monotonic-writes', 'writes-follow-reads']);

/** Throws a HistoryError for what cannot be a history. */
export function check(
  history: readonly Operation[],
  level: Level,
  options: CheckOptions = {},
): Verdict {
  return new Check(history, options).verdict(level);
}

export interface Summary {
  /** The levels that held and that no other level that held implies; none if all broke. */
  readonly strongest: readonly Level[];
  /** Of the levels that broke, the weakest: where going up the list from its end first fails. */
  readonly firstBroken: Verdict | undefined;
  /** One for each level, strongest first. */
  readonly verdicts: readonly Verdict[];
  /** Why there is nothing to judge, if that is so: then every level is undecided. */
  readonly nothing: string | undefined;
  /** What the session guarantees were decided from. */
  readonly basis: Basis;
  readonly availability: readonly ClientAvailability[];
}

export function strongest(history: readonly Operation[], options: CheckOptions = {}): Summary {
  const judged = new Check(history, options);
  const verdicts = LEVELS.map((level) => judged.verdict(level));
  const held = verdicts.filter(({ outcome }) => outcome === 'holds').map(({ level }) => level);
  return {
    strongest: held.filter((level) => !held.some((other) => judged.implies(other, level))),
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
  readonly #readings: Readings;
  readonly #found = new Map<Level, Judgement>();
  readonly #views = new WeakMap<Model, CausalView>();
  #basis: Basis | undefined;
  #readingsOfServers: Readings | undefined;

  constructor(history: readonly Operation[], options: CheckOptions) {
    this.#history = history;
    this.#options = options;
    this.#readings = Readings.of(history, 'clients');
  }

  get basis(): Basis {
    this.#basis ??= basisOf(this.#likeliest(this.#readings));
    return this.#basis;
  }

  /** What keeps a level for want of anything to judge is undecided. */
  verdict(level: Level): Verdict {
    const found = this.#settle(level);
    const nothing = found.outcome === 'broken' ? undefined : whyNothing(this.#history, level);
    return { level, ...(nothing === undefined ? found : undecided(nothing)) };
  }

  /** Whether a level implies another one, here. To ask about guarantees of sessions takes long. */
  implies(level: Level, weaker: Level): boolean {
    const follows = (next: Level): boolean => next === weaker || this.implies(next, weaker);
    if (IMPLIES.get(level)?.some(follows)) return true;
    return GUARANTEES.has(weaker) && this.#impliesByValues(level, weaker);
  }

  #impliesByValues(level: Level, weaker: Level): boolean {
    return (IMPLIES_BY_VALUES.get(level)?.includes(weaker) ?? false) && this.basis === 'values';
  }

  /** The level's own judgement, or what follows from those of others. */
  #settle(level: Level): Judgement {
    const stronger = LEVELS.filter((other) => this.implies(other, level));
    if (stronger.some((other) => this.#found.get(other)?.outcome === 'holds')) return HOLDS;
    // One order of all operations is sooner found than the right one of many readings.
    const isFirst = this.#readings.doubts.length > 0 && stronger.includes('linearizable');
    if (isFirst && this.#holds('linearizable')) return HOLDS;
    const found = this.#find(level);
    if (found.outcome !== 'undecided') return found;
    if (stronger.some((other) => this.#holds(other))) return HOLDS;
    const weaker = LEVELS.filter((other) => this.implies(level, other)).reverse();
    return weaker.map((other) => this.#find(other)).find(isBroken) ?? found;
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
    switch (level) {
      case 'linearizable':
        return judgeLinearizability(this.#readings, this.#options.budget);
      case 'sequential':
        return this.#judgeSequential();
      case 'causal-memory':
        return this.#read((model) => judgeCausalMemory(this.#view(model)), orderCausally);
      case 'causal-convergence':
        return this.#read((model) => judgeConvergence(this.#view(model)), orderCausally);
      case 'causal':
        return this.#read((model) => this.#view(model).causal, orderCausally);
      case 'pram':
        return this.#read(judgePram, orderBySessions);
      default:
        return this.#judgeSessions(level);
    }
  }

  /** The search comes last: most histories are linearizable, or break something that is easier. */
  #judgeSequential(): Judgement {
    if (this.#holds('linearizable')) return HOLDS;
    const causal = CAUSAL.map((level) => this.#find(level)).find(isBroken);
    if (causal !== undefined) return causal;
    const search = (model: Model): Judgement => searchSequential(model, this.#options.budget);
    // What an earlier run wrote is to be the initial value or not, as the reads say together.
    const { operations } = this.#readings.gathered;
    const begun = new Set(operations.filter(isInitial).map(({ key }) => key));
    const isLeftOpen = ({ group, reads: [read = -1] }: Doubt): boolean =>
      group === undefined && !begun.has((operations[read] as Operation).key);
    return this.#interpret(this.#readings, search, { isMonotone: false, isLeftOpen });
  }

  #judgeSessions(level: SessionGuarantee): Judgement {
    const judge = (model: Model): Judgement =>
      judgeSessions(model, this.#history, level, this.#options);
    const readings = this.#forServers;
    // Without versions nothing can be said about servers, whichever way the reads are read.
    const isBlind = this.basis === 'values' && JUDGED_BY_SERVERS.has(level);
    if (isBlind) return judge(this.#likeliest(readings));
    // Among the versions that a session reads, one may make up for another, but not if it is left
    // out.
    const isExcusing = this.basis !== 'values' && !JUDGED_BY_SERVERS.has(level);
    const isMonotone = !isExcusing && basisOf(readings.certain) === this.basis;
    return this.#interpret(readings, judge, { isMonotone });
  }

  /** What servers had applied says more than absence to clients. */
  get #forServers(): Readings {
    const isTold = this.#history.some(({ applied }) => applied !== null);
    this.#readingsOfServers ??= isTold ? Readings.of(this.#history, 'servers') : this.#readings;
    return this.#readingsOfServers;
  }

  #read(judge: (model: Model) => Judgement, order: (model: Model) => ClocksOf): Judgement {
    return this.#interpret(this.#readings, judge, {
      isMonotone: true,
      narrow: (readings) => narrow(readings, order),
    });
  }

  #interpret(
    readings: Readings,
    judge: (model: Model) => Judgement,
    options: ReadingOptions,
  ): Judgement {
    return judgeReadings(readings, judge, { ...options, budget: this.#options.budget });
  }

  #likeliest(readings: Readings): Model {
    return readings.doubts.length === 0
      ? readings.certain
      : readings.model(readings.doubts.map(() => 0));
  }

  #view(model: Model): CausalView {
    let view = this.#views.get(model);
    if (view === undefined) {
      view = viewCausally(model);
      this.#views.set(model, view);
    }
    return view;
  }
}

function isBroken({ outcome }: Judgement): boolean {
  return outcome === 'broken';
}

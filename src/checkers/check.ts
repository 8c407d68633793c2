// The questions that a user asks: does this history have that level, and what is the strongest
// level that it has? The levels form a lattice; what a stronger one implies is not judged again.
import type { Operation } from '../kernel/history.ts';
import { availabilityOf, type ClientAvailability } from './availability.ts';
import { type CausalView, judgeConvergence, viewCausally } from './causal.ts';
import { judgeCausalMemory, judgePram } from './causalMemory.ts';
import { judgeReadings } from './interpretations.ts';
import { LEVELS } from './levels.ts';
import { judgeLinearizability } from './linearizability.ts';
import { createModel, type Model } from './model.ts';
import { searchSequential } from './sequential.ts';
import { type Basis, basisOf, judgeSessions, type SessionOptions } from './sessions.ts';
import type { Judgement, Level, SessionGuarantee, Verdict } from './verdict.ts';

export interface CheckOptions extends SessionOptions {
  /** How many states a search for one order may remember; 2,000,000 and 200,000 unless told. */
  readonly budget?: number;
}

/**
 * What each level implies directly, for any history. CC and PRAM imply less than one might think.
 */
const IMPLIES: ReadonlyMap<Level, readonly Level[]> = new Map([
  ['linearizable', ['sequential']],
  ['sequential', ['causal-memory', 'causal-convergence']],
  ['causal-memory', ['causal', 'pram']],
  ['causal-convergence', ['causal']],
]);

/**
 * CM and CCv imply all four as far as values show. A server may lack a write without any client
 * being able to tell, so where vectors tell it this does not count.
 */
const SESSION_GUARANTEES: readonly Level[] = LEVELS.slice(6);

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
  /** What the session guarantees were decided from. */
  readonly basis: Basis;
  readonly availability: readonly ClientAvailability[];
}

export function strongest(history: readonly Operation[], options: CheckOptions = {}): Summary {
  const judged = new Check(history, options);
  const verdicts = LEVELS.map((level) => judged.verdict(level));
  const held = verdicts.filter(({ outcome }) => outcome === 'holds').map(({ level }) => level);
  return {
    strongest: held.filter((level) => !held.some((other) => judged.implied(other).has(level))),
    firstBroken: verdicts.findLast(({ outcome }) => outcome === 'broken'),
    verdicts,
    basis: judged.basis,
    availability: availabilityOf(history),
  };
}

class Check {
  readonly #history: readonly Operation[];
  readonly #options: CheckOptions;
  readonly #model: Model;
  readonly #verdicts = new Map<Level, Verdict>();
  readonly #views = new WeakMap<Model, CausalView>();
  #basis: Basis | undefined;

  constructor(history: readonly Operation[], options: CheckOptions) {
    this.#history = history;
    this.#options = options;
    this.#model = createModel(history);
  }

  get basis(): Basis {
    this.#basis ??= basisOf(this.#model);
    return this.#basis;
  }

  verdict(level: Level): Verdict {
    let verdict = this.#verdicts.get(level);
    if (verdict === undefined) {
      verdict = { level, ...(this.#impliedJudgement(level) ?? this.#judge(level)) };
      this.#verdicts.set(level, verdict);
    }
    return verdict;
  }

  /** Everything weaker that a level implies, here. */
  implied(level: Level): ReadonlySet<Level> {
    const all = new Set<Level>();
    for (const next of IMPLIES.get(level) ?? []) {
      all.add(next);
      for (const further of this.implied(next)) all.add(further);
    }
    const isCausal = level === 'causal-memory' || level === 'causal-convergence';
    if (isCausal && this.basis === 'values') for (const next of SESSION_GUARANTEES) all.add(next);
    return all;
  }

  /** From the verdicts that are there already. */
  #impliedJudgement(level: Level): Judgement | undefined {
    for (const { level: other, outcome } of this.#verdicts.values()) {
      if (outcome === 'holds' && this.implied(other).has(level)) return { outcome };
    }
    return undefined;
  }

  #judge(level: Level): Judgement {
    const { budget } = this.#options;
    switch (level) {
      case 'linearizable':
        return judgeLinearizability(this.#model, budget);
      case 'sequential':
        return this.#judgeSequential();
      case 'causal-memory':
        return this.#read((model) => judgeCausalMemory(this.#view(model)));
      case 'causal-convergence':
        return this.#read((model) => judgeConvergence(this.#view(model)));
      case 'causal':
        return this.#read((model) => this.#view(model).causal);
      case 'pram':
        return this.#read(judgePram);
      default:
        return this.#judgeSessions(level);
    }
  }

  /** The search comes last: most histories are linearizable, or break something that is easier. */
  #judgeSequential(): Judgement {
    if (this.verdict('linearizable').outcome === 'holds') return { outcome: 'holds' };
    return this.#read((model) => {
      for (const judge of [judgeConvergence, judgeCausalMemory]) {
        const found = judge(this.#view(model));
        if (found.outcome === 'broken') return found;
      }
      return searchSequential(model, this.#options.budget);
    });
  }

  #judgeSessions(level: SessionGuarantee): Judgement {
    const judge = (model: Model): Judgement =>
      judgeSessions(model, this.#history, level, this.#options);
    // Without versions nothing can be said about servers, whichever way the reads are read.
    const isBlind = this.basis === 'values' && JUDGED_BY_SERVERS.has(level);
    const found = isBlind ? judge(this.#model) : this.#read(judge);
    if (found.outcome !== 'undecided' || this.basis !== 'values') return found;
    const stronger: readonly Level[] = ['causal-convergence', 'causal-memory'];
    const isImplied = stronger.some((other) => this.verdict(other).outcome === 'holds');
    return isImplied ? { outcome: 'holds' } : found;
  }

  #read(judge: (model: Model) => Judgement): Judgement {
    return judgeReadings(this.#history, this.#model, judge);
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

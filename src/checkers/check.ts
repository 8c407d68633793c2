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
import { type Basis, basisOf, SessionJudge } from './sessions.ts';
import { shorten } from './shorten.ts';
import type { Judgement, Level, SessionGuarantee, Verdict } from './verdict.ts';

export interface CheckOptions {
  /** How many states a search for one order may remember; 2,000,000 and 200,000 unless told. */
  readonly budget?: number;
}

type Implications = ReadonlyMap<Level, readonly Level[]>;

/**
 * What each level implies directly, for any history. CC and PRAM imply less than one might think.
 */
const IMPLIES: Implications = new Map([
  ['linearizable', ['sequential']],
  ['sequential', ['causal-memory', 'causal-convergence']],
  ['causal-memory', ['causal', 'pram']],
  ['causal-convergence', ['causal']],
  ['read-your-writes-all-keys', ['read-your-writes']],
  ['monotonic-reads-all-keys', ['monotonic-reads']],
]);

/**
 * What they imply besides, as far as clients can see: some order in which servers applied the
 * writes explains all answers and keeps these. Versions and vectors may show that it was another.
 */
const IMPLIES_AS_SEEN: Implications = new Map([
  [
    'causal-convergence',
    [
      'read-your-writes-all-keys',
      'monotonic-reads-all-keys',
      'monotonic-writes',
      'writes-follow-reads',
    ],
  ],
  ['causal-memory', ['writes-follow-reads']],
  ['pram', ['read-your-writes-all-keys', 'monotonic-reads-all-keys', 'monotonic-writes']],
]);

/** The weakest levels that imply session guarantees. */
const CAUSAL: readonly Level[] = ['pram', 'causal-convergence', 'causal-memory'];

/** Throws a HistoryError for what cannot be a history. */
export function check(
  history: readonly Operation[],
  level: Level,
  options: CheckOptions = {},
): Verdict {
  return showWitness(history, judgeAlone(history, level, options), options);
}

/** As `check`, but a witness is what was found first, and may lack what it needs. */
export function judgeAlone(
  history: readonly Operation[],
  level: Level,
  options: CheckOptions,
): Verdict {
  return new Check(history, options).verdict(level);
}

/** A part of the history that breaks the level by itself takes the place of what was found. */
function showWitness(
  history: readonly Operation[],
  verdict: Verdict,
  options: CheckOptions,
): Verdict {
  if (verdict.outcome !== 'broken') return verdict;
  const { level, witness } = verdict;
  const judge = (part: readonly Operation[]): Judgement => judgeAlone(part, level, options);
  return { ...verdict, witness: shorten(history, level, witness, judge) };
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
  const verdicts = LEVELS.map((level) => showWitness(history, judged.verdict(level), options));
  const held = verdicts.filter(({ outcome }) => outcome === 'holds').map(({ level }) => level);
  return {
    strongest: held.filter((level) => !judged.isImplied(level, held)),
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
  /** Session guarantees that hold because a stronger level does: they could not be decided. */
  readonly #concluded = new Set<Level>();
  #sessions: SessionJudge | undefined;
  #basis: Basis | undefined;

  constructor(history: readonly Operation[], options: CheckOptions) {
    this.#history = history;
    this.#options = options;
    this.#model = createModel(history);
  }

  get basis(): Basis {
    this.#basis ??= basisOf(this.#history);
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

  /** Whether one of these implies the level, here. */
  isImplied(level: Level, held: readonly Level[]): boolean {
    if (this.#concluded.has(level)) return true;
    const implications = this.basis === 'values' ? [IMPLIES, IMPLIES_AS_SEEN] : [IMPLIES];
    return held.some((other) => impliedBy(other, implications).has(level));
  }

  /** From the verdicts that are there already. */
  #impliedJudgement(level: Level): Judgement | undefined {
    const held = [...this.#verdicts.values()].filter(({ outcome }) => outcome === 'holds');
    const names = held.map((verdict) => verdict.level);
    return this.isImplied(level, names) ? { outcome: 'holds' } : undefined;
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

  /** What versions and vectors leave open, a stronger level may still answer. */
  #judgeSessions(level: SessionGuarantee): Judgement {
    this.#sessions ??= new SessionJudge(this.#model.gathered, this.#history);
    const found = this.#sessions.judge(level);
    if (found.outcome !== 'undecided') return found;
    const isStronger = (other: Level): boolean =>
      impliedBy(other, [IMPLIES, IMPLIES_AS_SEEN]).has(level);
    const outcomes = CAUSAL.filter(isStronger).map((other) => this.verdict(other).outcome);
    // What is not sure to be causal may be linearizable all the same, where values are equal.
    if (!outcomes.includes('holds') && !outcomes.includes('broken')) {
      outcomes.push(this.verdict('linearizable').outcome);
    }
    if (!outcomes.includes('holds')) return found;
    this.#concluded.add(level);
    return { outcome: 'holds' };
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

/** Everything weaker that a level implies. */
function impliedBy(level: Level, implications: readonly Implications[]): Set<Level> {
  const all = new Set<Level>();
  const waiting = [level];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const weaker of implications.flatMap((map) => map.get(next as Level) ?? [])) {
      if (!all.has(weaker)) waiting.push(weaker);
      all.add(weaker);
    }
  }
  return all;
}

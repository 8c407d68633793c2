// Judges a history of sets. For linearizable and sequential a set is an object as any other: its
// orders are searched, unless it only grows. A violation is shown with few elements and few reads.
import { sortElements } from '../kernel/history.ts';
import { type ElementName, nameOf, type SetOperation } from './history.ts';
import { IMPLIES, IMPLIES_AS_SEEN, impliedBy } from './implications.ts';
import { judgeSequentialCalls } from './jointSearch.ts';
import { LEVELS } from './levels.ts';
import { judgeCalls } from './linearizability.ts';
import { Meter } from './meter.ts';
import { isPending } from './normalize.ts';
import { DEFAULT_BUDGET } from './partitions.ts';
import { SEQUENTIAL_BUDGET } from './sequential.ts';
import { judgeBlocks } from './setBlocks.ts';
import { judgeSetOrder } from './setCausality.ts';
import { elementsOf, project, showWhole, shrink, type Trials } from './setProjection.ts';
import { judgeSetSessions } from './setSessions.ts';
import { HOLDS, type Judgement, type Level, undecided } from './verdict.ts';

type Search = (part: readonly SetOperation[], budget: number, meter: Meter) => Judgement;

/** Elements times operations: the texts of the states of a search take memory. */
const MOST_SEARCHED = 2_000_000;

const ABOUT_SERVERS = 'it is about what servers had applied, and reads of sets do not show that';

export class SetCheck {
  readonly #recorded: readonly SetOperation[];
  /** The same, with sorted elements: what is found does not depend on their order. */
  readonly #operations: readonly SetOperation[];
  readonly #isTimed: boolean;
  readonly #options: { readonly budget?: number };
  readonly #found = new Map<Level, Judgement>();
  /** By level that is broken: what breaks it, with the reads of few elements only. */
  readonly #parts = new Map<Level, readonly SetOperation[]>();
  #causal: Judgement | undefined;

  constructor(operations: readonly SetOperation[], isTimed: boolean, options: { budget?: number }) {
    this.#recorded = withoutUnread(operations);
    this.#operations = this.#recorded.map((one) =>
      one.kind === 'elements' ? { ...one, elements: sortElements(one.elements) } : one,
    );
    this.#isTimed = isTimed;
    this.#options = options;
  }

  judge(level: Level): Judgement {
    const found = this.#found.get(level) ?? this.#judge(level);
    this.#found.set(level, found);
    return found;
  }

  #judge(level: Level): Judgement {
    if (level === 'linearizable' && !this.#isTimed) return this.judge('sequential');
    const isLinearizable = (): boolean => this.judge('linearizable').outcome === 'holds';
    if (level === 'sequential' && this.#isTimed && isLinearizable()) return HOLDS;
    const found = this.#judgeAlone(level);
    return found.outcome === 'undecided' && this.#isImplied(level) ? HOLDS : found;
  }

  /** Whether a stronger level that can be decided holds. */
  #isImplied(level: Level): boolean {
    const stronger = LEVELS.slice(0, LEVELS.indexOf(level)).filter(
      (one) => one !== 'linearizable' && impliedBy(one, [IMPLIES, IMPLIES_AS_SEEN]).has(level),
    );
    return stronger.reverse().some((one) => this.judge(one).outcome === 'holds');
  }

  #judgeAlone(level: Level): Judgement {
    const { budget } = this.#options;
    switch (level) {
      case 'linearizable':
        return this.#judgeOrder(level, budget ?? DEFAULT_BUDGET, judgeCalls);
      case 'sequential':
        return this.#judgeOrder(level, budget ?? SEQUENTIAL_BUDGET, judgeSequentialCalls);
      case 'causal-memory':
      case 'causal-convergence':
      case 'causal':
        return this.#judgeCausal();
      case 'pram':
        return this.#show(level, (part) => judgeSetOrder(part, 'pram'));
      case 'read-your-writes':
      case 'monotonic-reads':
        return this.#show(level, (part) => judgeSetSessions(part, level));
      default:
        return undecided(ABOUT_SERVERS);
    }
  }

  /**
   * By blocks where these are enough; else searches: of what breaks linearizable, of each element
   * alone, and of all. They share one budget, with those that make the witness smaller.
   */
  #judgeOrder(level: 'linearizable' | 'sequential', budget: number, search: Search): Judgement {
    const operations = this.#operations;
    const isRealTime = level === 'linearizable';
    if (judgeBlocks(operations, isRealTime) !== undefined) {
      return this.#show(level, (part) => judgeBlocks(part, isRealTime) ?? HOLDS);
    }
    const weaker = this.#judgeCausal();
    if (weaker.outcome === 'broken') return weaker;
    const names = elementsOf(operations);
    if (!isSearchable(operations, names)) {
      return undecided('there are too many elements for a search');
    }
    const meter = new Meter(budget);
    const isSpent = (): boolean => meter.left <= 0;
    const judge = (part: readonly SetOperation[]): Judgement => search(part, meter.share, meter);
    for (const part of this.#suspects(names)) {
      if (isSpent()) break;
      const found = judge(part);
      if (found.outcome === 'broken') return this.#shrink(level, part, found, { judge, isSpent });
    }
    const found = search(operations, budget, meter);
    return this.#shrink(level, operations, found, { judge, isSpent });
  }

  /** Parts of the history that are quick to judge. Where one is broken, the history is. */
  *#suspects(names: readonly ElementName[]): Generator<readonly SetOperation[]> {
    const part = this.#parts.get('linearizable');
    if (part !== undefined) yield part;
    for (const one of names.length > 1 ? names : []) {
      yield project(this.#operations, new Set([one]));
    }
  }

  #judgeCausal(): Judgement {
    this.#causal ??= this.#show('causal', (part) => judgeSetOrder(part, 'causal'));
    return this.#causal;
  }

  #show(level: Level, judge: Trials['judge']): Judgement {
    const operations = this.#operations;
    return this.#shrink(level, operations, judge(operations), { judge, isSpent: () => false });
  }

  #shrink(
    level: Level,
    part: readonly SetOperation[],
    found: Judgement,
    trials: Trials,
  ): Judgement {
    if (found.outcome !== 'broken') return found;
    const shown = shrink(part, found, trials);
    this.#parts.set(level, shown.part);
    return showWhole(shown, this.#recorded);
  }
}

/** Whether a search takes memory that there is. */
export function isSearchable(
  operations: readonly SetOperation[],
  names: readonly ElementName[] = elementsOf(operations),
): boolean {
  return names.length * operations.length <= MOST_SEARCHED;
}

/** Without the unanswered adds of elements that no read has found: they need not have happened. */
function withoutUnread(operations: readonly SetOperation[]): readonly SetOperation[] {
  const found = new Set<string>();
  for (const one of operations) {
    if (one.kind !== 'elements') continue;
    for (const element of one.elements) found.add(nameOf(one.key, element));
  }
  return operations.filter(
    (one) => one.kind !== 'insert' || !isPending(one) || found.has(nameOf(one.key, one.value)),
  );
}

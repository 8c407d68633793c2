// Judges a history of sets. For linearizable and sequential a set is an object as any other: its
// orders are searched, unless it only grows. A violation is shown with few elements and few reads.
import { isOfSet, type Recorded, type SetOperation } from './history.ts';
import { IMPLIES, IMPLIES_AS_SEEN, impliedBy } from './implications.ts';
import { judgeSequentialCalls } from './jointSearch.ts';
import { LEVELS } from './levels.ts';
import { judgeCalls } from './linearizability.ts';
import { isPending } from './normalize.ts';
import { judgeBlocks } from './setBlocks.ts';
import { judgeSetOrder } from './setCausality.ts';
import { elementsOf, project, shrink } from './setProjection.ts';
import { judgeSetSessions } from './setSessions.ts';
import { HOLDS, type Judgement, type Level, undecided } from './verdict.ts';

type Judge = (operations: readonly SetOperation[]) => Judgement;

/** Elements times operations: the texts of the states of a search take memory. */
const MOST_SEARCHED = 2_000_000;

const ABOUT_SERVERS = 'it is about what servers had applied, and reads of sets do not show that';

export class SetCheck {
  /** The first that is of no set. */
  readonly #other: Recorded | undefined;
  readonly #operations: readonly SetOperation[];
  readonly #isTimed: boolean;
  readonly #options: { readonly budget?: number };
  readonly #found = new Map<Level, Judgement>();
  #causal: Judgement | undefined;

  constructor(operations: readonly Recorded[], isTimed: boolean, options: { budget?: number }) {
    this.#other = operations.find((one) => !isOfSet(one));
    this.#operations = withoutUnread(operations.filter(isOfSet));
    this.#isTimed = isTimed;
    this.#options = options;
  }

  judge(level: Level): Judgement {
    const found = this.#found.get(level) ?? this.#judge(level);
    this.#found.set(level, found);
    return found;
  }

  #judge(level: Level): Judgement {
    const other = this.#other;
    if (other !== undefined) {
      return undecided(`sets are judged by themselves, and line ${other.line} is of no set`);
    }
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
        return this.#judgeOrder(true, (part) => judgeCalls(part, budget));
      case 'sequential':
        return this.#judgeOrder(false, (part) => judgeSequentialCalls(part, budget));
      case 'causal-memory':
      case 'causal-convergence':
      case 'causal':
        return this.#judgeCausal();
      case 'pram':
        return this.#show((part) => judgeSetOrder(part, 'pram'));
      case 'read-your-writes':
      case 'monotonic-reads':
        return this.#show((part) => judgeSetSessions(part, level));
      default:
        return undecided(ABOUT_SERVERS);
    }
  }

  /** By blocks where these are enough; else a search, of each element alone and then of all. */
  #judgeOrder(isRealTime: boolean, search: Judge): Judgement {
    const operations = this.#operations;
    if (judgeBlocks(operations, isRealTime) !== undefined) {
      return this.#show((part) => judgeBlocks(part, isRealTime) ?? HOLDS);
    }
    const weaker = this.#judgeCausal();
    if (weaker.outcome === 'broken') return weaker;
    const names = elementsOf(operations);
    if (names.length * operations.length > MOST_SEARCHED) {
      return undecided('there are too many elements for a search');
    }
    for (const one of names.length > 1 ? names : []) {
      const part = project(operations, new Set([one]));
      if (search(part).outcome === 'broken') return this.#show(search, part);
    }
    return this.#show(search);
  }

  #judgeCausal(): Judgement {
    this.#causal ??= this.#show((part) => judgeSetOrder(part, 'causal'));
    return this.#causal;
  }

  #show(judge: Judge, operations = this.#operations): Judgement {
    const found = judge(operations);
    return found.outcome === 'broken' ? shrink(operations, judge, found) : found;
  }
}

/** Without the unanswered adds of elements that no read has found: they need not have happened. */
function withoutUnread(operations: readonly SetOperation[]): readonly SetOperation[] {
  const found = new Set<string>();
  for (const one of operations) {
    if (one.kind !== 'elements') continue;
    for (const element of one.elements) found.add(JSON.stringify([one.key, element]));
  }
  return operations.filter(
    (one) =>
      one.kind !== 'insert' || !isPending(one) || found.has(JSON.stringify([one.key, one.value])),
  );
}

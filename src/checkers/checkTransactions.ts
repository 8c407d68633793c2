// Judges a history of transactions for all levels. The causal levels and the isolation levels are
// about transactions; so are the two levels of one order, which a search decides. The session
// guarantees are about the operations of a session one by one. The other levels are not decided for
// transactions, but are broken where one that they imply is.
import type { Operation } from '../kernel/history.ts';
import { availabilityOf } from './availability.ts';
import { type CheckOptions, check, type Summary } from './check.ts';
import { IMPLIES, IMPLIES_AS_SEEN, IMPLIES_OF_TRANSACTIONS, impliedBy } from './implications.ts';
import { isSessionGuarantee, isTransactionLevel, LEVELS, TRANSACTION_LEVELS } from './levels.ts';
import { shorten } from './shorten.ts';
import { whyNothing } from './subject.ts';
import { type JudgedOfTransactions, TransactionJudge } from './transactionLevels.ts';
import { judgeTransactionOrder, type OrderLevel } from './transactionOrder.ts';
import {
  type HistoryLevel,
  HOLDS,
  type Judgement,
  type Level,
  type SessionGuarantee,
  undecided,
  type Verdict,
} from './verdict.ts';

/** Weakest first, after those that they are implied by. */
const DECIDED: readonly JudgedOfTransactions[] = [
  'causal-convergence',
  'causal',
  'read-atomic',
  'read-committed',
];

/** Strongest first: the session guarantees last. */
const ALL: readonly HistoryLevel[] = [
  ...LEVELS.filter((level) => !isSessionGuarantee(level)),
  ...TRANSACTION_LEVELS,
  ...LEVELS.filter(isSessionGuarantee),
];

/** Each is searched for. */
const ORDERS: readonly OrderLevel[] = ['linearizable', 'sequential'];

function isOrder(level: HistoryLevel): level is OrderLevel {
  return (ORDERS as readonly HistoryLevel[]).includes(level);
}

function isSession(level: HistoryLevel): level is SessionGuarantee {
  return !isTransactionLevel(level) && isSessionGuarantee(level);
}

/** Patterns whose witness is as small as can be, and whose sentence tells of what is not judged. */
const SMALL: ReadonlySet<string> = new Set([
  'InternalRead',
  'AbortedRead',
  'IntermediateRead',
  'ThinAirRead',
]);

export class TransactionCheck {
  readonly #history: readonly Operation[];
  readonly #options: CheckOptions;
  readonly #judge: TransactionJudge;
  readonly #found = new Map<HistoryLevel, Judgement>();

  constructor(history: readonly Operation[], options: CheckOptions) {
    this.#history = history;
    this.#options = options;
    this.#judge = new TransactionJudge(history, options.budget);
  }

  verdict(level: HistoryLevel): Verdict<HistoryLevel> {
    const found = this.#isImplied(level) ? HOLDS : this.#find(level);
    const nothing = found.outcome === 'broken' ? undefined : whyNothing(this.#history, level);
    return { level, ...(nothing === undefined ? found : undecided(nothing)) };
  }

  summarize(): Summary<HistoryLevel> {
    const verdicts = ALL.map((level) => this.verdict(level));
    const held = verdicts.filter(({ outcome }) => outcome === 'holds').map(({ level }) => level);
    return {
      strongest: held.filter((level) => !held.some((other) => implied(other).has(level))),
      firstBroken: verdicts.findLast(({ outcome }) => outcome === 'broken'),
      verdicts,
      nothing: whyNothing(this.#history, 'linearizable'),
      basis: 'values',
      availability: availabilityOf(this.#history),
    };
  }

  /** Whether one order of all transactions explains what nothing else decides. */
  #isImplied(level: HistoryLevel): boolean {
    if (this.#find(level).outcome !== 'undecided') return false;
    const orders = ORDERS.filter((order) => implied(order).has(level));
    return orders.some((order) => this.#find(order).outcome === 'holds');
  }

  #find(level: HistoryLevel): Judgement {
    let found = this.#found.get(level);
    if (found === undefined) {
      found = this.#decide(level);
      this.#found.set(level, found);
    }
    return found;
  }

  #decide(level: HistoryLevel): Judgement {
    const stronger = DECIDED.filter((other) => implied(other).has(level));
    if (stronger.some((other) => this.#find(other).outcome === 'holds')) return HOLDS;
    if (isDecided(level)) return this.#show(level, this.#judge.judge(level));
    if (isSession(level)) return this.#judgeSessions(level);
    const weaker = ALL.filter((other) => implied(level).has(other)).reverse();
    const found = weaker.map((other) => this.#find(other)).find(isBroken);
    if (found !== undefined) return found;
    return isOrder(level) ? this.#order(level) : undecided(UNDEFINED);
  }

  /** Without times, one order that keeps each session says nothing about the clock. */
  #order(level: OrderLevel): Judgement {
    const { budget, isTimed = true } = this.#options;
    if (level === 'linearizable' && !isTimed) {
      const found = this.#find('sequential');
      return found.outcome === 'holds' ? undecided(UNTIMED) : found;
    }
    const judge = (part: readonly Operation[]): Judgement =>
      judgeTransactionOrder(part, level, budget);
    const found = judge(this.#history);
    if (found.outcome !== 'broken') return found;
    return { ...found, witness: shorten(this.#history, level, found.witness, judge) };
  }

  /** The operations of a session one by one: they keep each level that their transactions keep. */
  #judgeSessions(level: SessionGuarantee): Judgement {
    const judge = (asked: Level): Judgement => {
      const { level: _, ...found } = check(this.#history, asked, {
        ...this.#options,
        isAlone: true,
      });
      return found;
    };
    const found = judge(level);
    const isSeen = implied('causal-convergence').has(level);
    if (found.outcome !== 'undecided' || !isSeen) return found;
    return judge('causal-convergence').outcome === 'holds' ? HOLDS : found;
  }

  #show(level: JudgedOfTransactions, found: Judgement): Judgement {
    if (found.outcome !== 'broken' || SMALL.has(found.witness.pattern)) return found;
    const { budget } = this.#options;
    const judge = (part: readonly Operation[]): Judgement =>
      new TransactionJudge(part, budget).judge(level);
    return { ...found, witness: shorten(this.#history, 'causal', found.witness, judge) };
  }
}

export const UNTIMED = 'the history does not say when operations began and ended';
const UNDEFINED = 'it is not decided for transactions of several operations';

function isDecided(level: HistoryLevel): level is JudgedOfTransactions {
  return (DECIDED as readonly HistoryLevel[]).includes(level);
}

function isBroken({ outcome }: Judgement): boolean {
  return outcome === 'broken';
}

/** Nothing says what a server had applied: what clients observe is all that there is. */
function implied(level: HistoryLevel): ReadonlySet<HistoryLevel> {
  return impliedBy(level, [IMPLIES, IMPLIES_AS_SEEN, IMPLIES_OF_TRANSACTIONS]);
}

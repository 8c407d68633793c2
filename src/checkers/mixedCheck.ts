// Judges a history of registers with compare-and-sets, and of keys with append, pop and add. The
// levels below sequential do not define these three, and see a compare-and-set as a read and a
// write.
import type { Operation } from '../kernel/history.ts';
import { type CheckOptions, check, judgeAlone } from './check.ts';
import { UNTIMED } from './checkTransactions.ts';
import { judgeConcurrent } from './concurrentValues.ts';
import { type History, isPlain, type Recorded } from './history.ts';
import { IMPLIES, IMPLIES_AS_SEEN, impliedBy } from './implications.ts';
import { judgeSequentialCalls } from './jointSearch.ts';
import { prepareParts } from './keySearch.ts';
import { LEVELS } from './levels.ts';
import { judgeCalls } from './linearizability.ts';
import { Meter } from './meter.ts';
import { DEFAULT_BUDGET } from './partitions.ts';
import { type ReadsAndWrites, tellReads, toReadsAndWrites } from './readsAndWrites.ts';
import { toRegisters } from './registerReads.ts';
import { SEQUENTIAL_BUDGET } from './sequential.ts';
import { basisOf } from './sessions.ts';
import { shorten } from './shorten.ts';
import { tightenMixed } from './tightenMixed.ts';
import { HOLDS, type Judgement, type Level, undecided } from './verdict.ts';
import { tell } from './words.ts';

/** The levels that see a compare-and-set as a read and a write. */
const BELOW_SEQUENTIAL = LEVELS.filter((level) => !['linearizable', 'sequential'].includes(level));

/** A history with operations that are no reads and writes. */
export class MixedCheck {
  readonly #history: History;
  readonly #options: CheckOptions;
  readonly #found = new Map<Level, Judgement>();
  readonly #parts: ReadsAndWrites | undefined;

  constructor(history: History, options: CheckOptions) {
    this.#history = history;
    this.#options = options;
    this.#parts = toReadsAndWrites(history.operations);
  }

  judge(level: Level): Judgement {
    const found = this.#found.get(level) ?? this.#judge(level);
    this.#found.set(level, found);
    return found;
  }

  #judge(level: Level): Judgement {
    const { operations, transactions } = this.#history;
    if (transactions > 0) return undecided(undefinedFor(operations));
    if (BELOW_SEQUENTIAL.includes(level)) return this.#judgeParts(level);
    const { recorded, ...told } = tellReads(operations);
    const { operations: calls, concurrent } = toRegisters(told.operations);
    if (concurrent !== undefined) return judgeConcurrent(concurrent);
    return showAs(this.#judgeOrder(level, calls), recorded);
  }

  #judgeOrder(level: Level, calls: readonly Recorded[]): Judgement {
    const { budget } = this.#options;
    if (level === 'linearizable') {
      if (!this.#history.isTimed) return undecided(UNTIMED);
      return showWitness(calls, judgeCalls(calls, budget), budget);
    }
    return this.judge('linearizable').outcome === 'holds'
      ? HOLDS
      : judgeSessionOrder(calls, budget);
  }

  /** A level that knows only reads and writes, and asks for nothing that these do not. */
  #judgeParts(level: Level): Judgement {
    const parts = this.#parts;
    const judged = parts === undefined ? undefined : this.#check(parts.operations, level);
    if (parts !== undefined && judged?.outcome === 'broken') {
      return this.#tighten(level, parts, showAs(judged, parts.recorded));
    }
    if (judged?.outcome === 'holds' && parts?.blind === undefined) return HOLDS;
    if (this.#isImplied(level)) return HOLDS;
    if (judged === undefined) return undecided(undefinedFor(this.#history.operations));
    if (judged.outcome === 'undecided') return judged;
    return undecided(`${tell(parts?.blind as Recorded)}, and nothing says what it found`);
  }

  #tighten(level: Level, parts: ReadsAndWrites, found: Judgement): Judgement {
    if (found.outcome !== 'broken' || parts.recorded.size === 0) return found;
    const { isTimed } = this.#history;
    const options = { ...this.#options, isTimed, levels: BELOW_SEQUENTIAL };
    const witness = tightenMixed(parts, level, found.witness, (some) =>
      judgeAlone(some, level, options),
    );
    return { ...found, witness };
  }

  #check(operations: readonly Operation[], level: Level): Judgement {
    const { isTimed } = this.#history;
    return check(operations, level, { ...this.#options, isTimed, levels: BELOW_SEQUENTIAL });
  }

  /** Whether an order of all explains also what this level asks. */
  #isImplied(level: Level): boolean {
    const basis = basisOf(this.#history.operations);
    const isExact = basis === 'vectors' || basis === 'contexts';
    const maps = isExact ? [IMPLIES] : [IMPLIES, IMPLIES_AS_SEEN];
    const isBelow = impliedBy('sequential', maps).has(level);
    return isBelow && this.judge('sequential').outcome === 'holds';
  }
}

/** With the recorded operations in place of their parts, each once. */
export function showAs(found: Judgement, recorded: ReadonlyMap<Recorded, Recorded>): Judgement {
  if (found.outcome !== 'broken') return found;
  const { witness } = found;
  const operations = witness.operations.map((one) => recorded.get(one) ?? one);
  return { ...found, witness: { ...witness, operations: [...new Set(operations)] } };
}

const SPENT = undecided('the budget is spent');

/** As with all witnesses here, one budget limits all searches that make it smaller. */
export function judgeSessionOrder(
  operations: readonly Recorded[],
  budget: number | undefined,
): Judgement {
  const found = judgeSequentialCalls(operations, budget);
  if (found.outcome !== 'broken') return found;
  const meter = new Meter(budget ?? SEQUENTIAL_BUDGET);
  const judge = (part: readonly Recorded[]): Judgement =>
    meter.left > 0 ? judgeSequentialCalls(part, meter.share, meter) : SPENT;
  const judgeLast = (part: readonly Recorded[]): Judgement => judgeSequentialCalls(part, budget);
  // A key goes as a whole, or not at all: any of its writes may explain any of its reads.
  const named = new Set(found.witness.operations.map(({ key }) => key));
  let part: readonly Recorded[] = operations.filter(({ key }) => named.has(key));
  if (judge(part).outcome !== 'broken') part = operations;
  for (const key of new Set(part.map((one) => one.key))) {
    const left = part.filter((one) => one.key !== key);
    if (judge(left).outcome === 'broken') part = left;
  }
  return { ...found, witness: shorten(part, 'sequential', found.witness, judge, { judgeLast }) };
}

export function showWitness(
  operations: readonly Recorded[],
  found: Judgement,
  budget: number | undefined,
): Judgement {
  if (found.outcome !== 'broken') return found;
  const meter = new Meter(budget ?? DEFAULT_BUDGET);
  const judge = (part: readonly Recorded[], limit = meter): Judgement => {
    if (limit.left <= 0) return SPENT;
    return isPlain(part)
      ? judgeAlone(part, 'linearizable', { budget: limit.share })
      : judgeCalls(part, limit.share, limit);
  };
  const key = found.witness.operations[0]?.key;
  const ofKey = operations.filter((operation) => operation.key === key);
  const isBroken = prepareParts(ofKey, meter);
  const witness = shorten(operations, 'linearizable', found.witness, judge, {
    isBroken,
    judgeLast: (part) => judge(part, new Meter(budget ?? DEFAULT_BUDGET)),
  });
  return { ...found, witness };
}

/** Why the levels below sequential say nothing of some of the operations. */
export function undefinedFor(operations: readonly Recorded[]): string {
  const { kind, line } = operations.find((one) => !isPlain([one])) ?? {};
  return `it is defined for reads and writes, and not for ${kind} (line ${line})`;
}

// Judges a history of transactions for the levels that are defined for them. A transaction is
// atomic: it counts as one operation, which reads and writes several keys.
import type { Operation } from '../kernel/history.ts';
import { orderCausally } from './causal.ts';
import { isBefore } from './causalPast.ts';
import { constrainByCausality, findContradiction } from './causalTransactions.ts';
import { judgeConcurrent } from './concurrentValues.ts';
import { at, type HistoryTable, Readings } from './historyTable.ts';
import { judgeReadings } from './interpretations.ts';
import { type Constraint, constrainByIsolation } from './isolation.ts';
import { isTransactionLevel } from './levels.ts';
import { narrow } from './narrowing.ts';
import { INITIAL, THIN_AIR } from './readsFrom.ts';
import { toRegisters } from './registerReads.ts';
import {
  type CausalEdges,
  causalEdgesOf,
  createClocks,
  sortTransactions,
} from './transactionPast.ts';
import { explainUnseen, type TransactionView, viewTransactions } from './transactions.ts';
import { createTransactionTable, type TransactionTable } from './transactionTable.ts';
import {
  contradiction,
  cyclicConstraints,
  cyclicTransactions,
  initialAfterWrite,
  nonRepeatable,
  overwritten,
} from './transactionWitness.ts';
import { HOLDS, type Judgement, type TransactionLevel } from './verdict.ts';

/** The levels that are defined for transactions. */
export type JudgedOfTransactions = 'causal-convergence' | 'causal' | TransactionLevel;

/** Judges one history for several levels. Throws a HistoryError for a malformed history. */
export class TransactionJudge {
  readonly #concurrent: Judgement | undefined;
  readonly #view: TransactionView;
  readonly #readings: Readings;
  readonly #budget: number | undefined;
  readonly #analyses = new WeakMap<HistoryTable, Analysis>();

  constructor(history: readonly Operation[], budget: number | undefined) {
    const { operations, concurrent } = toRegisters(history);
    this.#concurrent = concurrent && judgeConcurrent(concurrent);
    this.#view = viewTransactions(operations);
    this.#readings = Readings.of(this.#view.operations);
    this.#budget = budget;
  }

  judge(level: JudgedOfTransactions): Judgement {
    const flaw = this.#concurrent ?? this.#view.internal;
    if (flaw !== undefined) return flaw;
    const isCausal = !isTransactionLevel(level);
    return judgeReadings(this.#readings, (table) => this.#analyze(table).judge(level), {
      isMonotone: true,
      budget: this.#budget,
      // The other levels allow reads that are older than what the session knows.
      ...(isCausal && { narrow: (readings) => narrow(readings, orderCausally) }),
    });
  }

  #analyze(table: HistoryTable): Analysis {
    let analysis = this.#analyses.get(table);
    if (analysis === undefined) {
      analysis = new Analysis(this.#view, table);
      this.#analyses.set(table, analysis);
    }
    return analysis;
  }
}

/** One interpretation of the history. */
class Analysis {
  readonly #table: TransactionTable;
  readonly #edges: CausalEdges;
  readonly #order: Int32Array | undefined;
  /** Breaks every level. */
  readonly #flaw: Judgement | undefined;
  #causality: Causality | undefined;

  constructor(view: TransactionView, history: HistoryTable) {
    const thinAir = history.from.indexOf(THIN_AIR);
    this.#table = createTransactionTable(history);
    this.#edges = causalEdgesOf(this.#table);
    this.#order = sortTransactions(this.#table, this.#edges);
    if (thinAir >= 0) {
      this.#flaw = explainUnseen(view, history.operations[thinAir] as Operation);
    } else if (this.#order === undefined) {
      this.#flaw = cyclicTransactions(this.#table, this.#edges);
    }
  }

  judge(level: JudgedOfTransactions): Judgement {
    if (this.#flaw !== undefined) return this.#flaw;
    if (level === 'read-committed') return this.#judgeIsolation(level, 'NonMonotonicRead');
    const repeated = findNonRepeatable(this.#table);
    if (repeated !== undefined) return nonRepeatable(this.#table, repeated);
    if (level === 'read-atomic') return this.#judgeIsolation(level, 'FracturedRead');
    this.#causality ??= causalityOf(this.#table, this.#order as Int32Array);
    const { flaw, constraints, clocks } = this.#causality;
    if (flaw !== undefined) return flaw;
    if (level === 'causal-convergence') {
      return cyclicConstraints(this.#table, this.#edges, constraints, 'CyclicCF') ?? HOLDS;
    }
    const found = findContradiction(this.#table, clocks, constraints);
    return found === undefined ? HOLDS : contradiction(this.#table, found, [], 'CyclicCF');
  }

  #judgeIsolation(
    level: TransactionLevel,
    pattern: 'NonMonotonicRead' | 'FracturedRead',
  ): Judgement {
    const constraints: Constraint[] = [];
    for (const one of constrainByIsolation(this.#table, level)) {
      if (one.later === INITIAL) return initialAfterWrite(this.#table, one, pattern);
      constraints.push(one);
    }
    return cyclicConstraints(this.#table, this.#edges, constraints, pattern) ?? HOLDS;
  }
}

interface Causality {
  readonly clocks: Int32Array;
  readonly constraints: readonly Constraint[];
  /** A read that a single other write refutes. Breaks both causal levels. */
  readonly flaw: Judgement | undefined;
}

function causalityOf(table: TransactionTable, order: Int32Array): Causality {
  const { transaction } = table;
  const clocks = createClocks(table, order);
  const constraints: Constraint[] = [];
  for (const one of constrainByCausality(table, clocks)) {
    const { earlier, later } = one;
    if (later === INITIAL) {
      return { clocks, constraints, flaw: initialAfterWrite(table, one, 'WriteCOInitRead') };
    }
    if (isBefore(table, clocks, at(transaction, later), at(transaction, earlier))) {
      return { clocks, constraints, flaw: overwritten(table, one) };
    }
    constraints.push(one);
  }
  return { clocks, constraints, flaw: undefined };
}

/** The places of two reads of one key in one transaction that returned different writes. */
function findNonRepeatable(table: TransactionTable): readonly number[] | undefined {
  const { readsOf, reads, from, key } = table;
  const places = new Map<number, number>();
  for (let t = 0; t < table.count; t += 1) {
    if (at(readsOf, t + 1) - at(readsOf, t) < 2) continue;
    places.clear();
    for (let place = at(readsOf, t); place < at(readsOf, t + 1); place += 1) {
      const first = places.get(at(key, at(reads, place)));
      if (first === undefined) places.set(at(key, at(reads, place)), place);
      else if (at(from, first) !== at(from, place)) return [first, place];
    }
  }
  return undefined;
}

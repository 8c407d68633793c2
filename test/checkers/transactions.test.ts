// The checkers of transactions against the definitions, on small random histories.
import { describe, expect, it } from 'vitest';
import {
  check,
  checkHistory,
  type History,
  type HistoryLevel,
  LEVELS,
  summarizeHistory,
} from '../../src/checkers/index.ts';
import { createRandomStream, type RandomStream, randomBelow } from '../../src/kernel/random.ts';
import { extent } from '../support/extent.ts';
import {
  type Access,
  type BruteLevel,
  holds,
  type Transaction,
  toOperations,
} from './bruteTransactions.ts';

const JUDGED: readonly BruteLevel[] = [
  'causal-convergence',
  'causal',
  'read-atomic',
  'read-committed',
];

interface Shape {
  readonly transactions: number;
  readonly operations: number;
  /** Writes have one of so many values; 0 for a value of its own for each write. */
  readonly values: number;
}

/** Reads return what some transaction has written, at whatever time, or nothing. */
function generate(random: RandomStream, shape: Shape): Transaction[] {
  const below = (count: number): number => randomBelow(random, count);
  let value = 0;
  const keys = ['a', 'b', 'c'].slice(0, 2 + below(2));
  const drafts = Array.from({ length: 2 + below(shape.transactions - 1) }, () => ({
    session: below(3),
    outcome: (['fail', 'unknown', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok'] as const)[below(8)] ?? 'ok',
    accesses: Array.from({ length: 1 + below(shape.operations) }, (): Access => {
      const isWrite = below(2) === 0;
      value += 1;
      const written = shape.values === 0 ? value : below(shape.values);
      return { isWrite, key: keys[below(keys.length)] as string, value: isWrite ? written : 0 };
    }),
  }));
  const writes = drafts.flatMap(({ accesses }) => accesses).filter(({ isWrite }) => isWrite);
  return drafts.map((draft) => ({
    ...draft,
    accesses: draft.accesses.map((access, place) => {
      if (access.isWrite) return access;
      const own = draft.accesses.slice(0, place).filter((one) => one.isWrite);
      const last = own.findLast(({ key }) => key === access.key);
      if (last !== undefined && below(8) > 0) return { ...access, value: last.value };
      const alike = writes.filter(({ key }) => key === access.key);
      return { ...access, value: alike[below(alike.length + 1)]?.value ?? 0 };
    }),
  }));
}

function historyOf(transactions: readonly Transaction[], isNamed = false): History {
  const operations = toOperations(transactions, isNamed);
  return { operations, isTimed: false, transactions: 1 };
}

function isUndone({ outcome }: Transaction): boolean {
  return outcome !== 'ok';
}

describe('random histories of transactions', () => {
  const shapes: readonly Shape[] = [
    { transactions: 5, operations: 3, values: 0 },
    { transactions: 4, operations: 3, values: 3 },
  ];
  it.each(shapes)('are judged as the definitions say: %o', (shape) => {
    const random = createRandomStream(shape.values, 'transactions');
    const counts = new Map<string, number>();
    for (let round = 0; round < extent({ full: 2_000, quick: 60 }); round += 1) {
      const transactions = generate(random, shape);
      if (transactions.every(isUndone)) continue;
      const history = historyOf(transactions);
      const told = JSON.stringify(transactions);
      for (const level of JUDGED) {
        const expected = holds(level, transactions) ? 'holds' : 'broken';
        expect(checkHistory(history, level).outcome, `${level}: ${told}`).toBe(expected);
        const name = `${level} ${expected}`;
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    }
    for (const level of JUDGED) {
      expect(counts.get(`${level} holds`)).toBeGreaterThan(5);
      expect(counts.get(`${level} broken`)).toBeGreaterThan(5);
    }
  });

  it('keep the lattice, and their witnesses break the level', () => {
    const random = createRandomStream(1, 'transactions');
    for (let round = 0; round < extent({ full: 400, quick: 12 }); round += 1) {
      const transactions = generate(random, shapes[round % 2] as Shape);
      const history = historyOf(transactions);
      const summary = summarizeHistory(history);
      const outcomes = new Map(summary.verdicts.map(({ level, outcome }) => [level, outcome]));
      const told = JSON.stringify(transactions);
      const isHeld = (level: HistoryLevel): boolean => outcomes.get(level) === 'holds';
      const isBroken = (level: HistoryLevel): boolean => outcomes.get(level) === 'broken';
      for (const [stronger, weaker] of IMPLIED) {
        expect(isHeld(stronger) && isBroken(weaker), `${stronger} ${weaker} ${told}`).toBe(false);
      }
      for (const verdict of summary.verdicts) {
        expect(checkHistory(history, verdict.level).outcome).toBe(verdict.outcome);
        if (verdict.outcome !== 'broken') continue;
        const { operations } = verdict.witness;
        const part = {
          ...history,
          operations: history.operations.filter((one) => operations.includes(one)),
        };
        expect(part.operations).toHaveLength(operations.length);
        expect(checkHistory(part, verdict.level).outcome, `${verdict.level} ${told}`).toBe(
          'broken',
        );
      }
    }
  });
});

const IMPLIED: readonly (readonly [HistoryLevel, HistoryLevel])[] = [
  ['causal-convergence', 'causal'],
  ['causal-convergence', 'read-atomic'],
  ['read-atomic', 'read-committed'],
  ['causal-convergence', 'read-your-writes'],
  ['causal-convergence', 'monotonic-reads'],
];

/** Not decided for transactions. */
const UNDEFINED = new Set<HistoryLevel>(['causal-memory', 'pram']);
/**
 * A stronger level of single operations may decide what the others leave open; and these have
 * times, which the histories of transactions here have not.
 */
const DECIDED = new Set<HistoryLevel>(
  LEVELS.filter((level) => !UNDEFINED.has(level) && level !== 'linearizable'),
);

describe('transactions of one operation', () => {
  const shapes: readonly Shape[] = [
    { transactions: 8, operations: 1, values: 0 },
    { transactions: 7, operations: 1, values: 3 },
  ];
  it.each(shapes)('get the verdicts of single operations: %o', (shape) => {
    const random = createRandomStream(shape.values, 'single operations');
    for (let round = 0; round < extent({ full: 500, quick: 12 }); round += 1) {
      const transactions = generate(random, shape);
      const plain = toOperations(transactions);
      for (const isNamed of [false, true]) {
        const history = historyOf(transactions, isNamed);
        for (const level of LEVELS) {
          const expected = check(plain, level, { isTimed: false }).outcome;
          const { outcome } = checkHistory(history, level);
          const told = `${level}: ${JSON.stringify(transactions)}`;
          if (outcome !== 'undecided') expect(outcome, told).toBe(expected);
          else if (DECIDED.has(level)) expect(expected, told).not.toBe('broken');
          if (JUDGED.some((one) => one === level)) expect(outcome, told).toBe(expected);
          if (!UNDEFINED.has(level) || outcome !== 'holds') continue;
          expect(checkHistory(history, 'sequential').outcome, told).toBe('holds');
        }
      }
    }
  });
});

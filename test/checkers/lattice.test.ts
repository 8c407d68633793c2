// Relations between verdicts: no level holds if a weaker one is broken, judged independently, and
// later operations do not repair a violation.
import { describe, expect, it } from 'vitest';
import { judgeConvergence, orderCausally, viewCausally } from '../../src/checkers/causal.ts';
import { judgeCausalMemory, judgePram, orderBySessions } from '../../src/checkers/causalMemory.ts';
import { Readings } from '../../src/checkers/historyTable.ts';
import { check, LEVELS, type Level, strongest } from '../../src/checkers/index.ts';
import { judgeReadings } from '../../src/checkers/interpretations.ts';
import { judgeLinearizability } from '../../src/checkers/linearizability.ts';
import { narrow } from '../../src/checkers/narrowing.ts';
import { searchSequential } from '../../src/checkers/sequential.ts';
import { basisOf, SessionJudge } from '../../src/checkers/sessions.ts';
import { whyNothing } from '../../src/checkers/subject.ts';
import type { Judgement, SessionGuarantee } from '../../src/checkers/verdict.ts';
import type { Operation } from '../../src/kernel/history.ts';
import { createRandomStream } from '../../src/kernel/random.ts';
import { extent } from '../support/extent.ts';
import { blur, randomHistory } from './generate.ts';
import { toHistory } from './notation.ts';

/** A quick run looks at one of so many histories. */
const SPARSE = extent({ full: 1, quick: 40 });
const CLIENT_LEVELS = LEVELS.slice(0, 6);
const GUARANTEES = LEVELS.slice(6) as readonly SessionGuarantee[];

/** As docs/verdicts.md has it; by values alone, the session guarantees too. */
const ARROWS: readonly (readonly [Level, Level])[] = [
  ['linearizable', 'sequential'],
  ['sequential', 'causal-memory'],
  ['sequential', 'causal-convergence'],
  ['causal-memory', 'causal'],
  ['causal-memory', 'pram'],
  ['causal-convergence', 'causal'],
  ['read-your-writes-all-keys', 'read-your-writes'],
  ['monotonic-reads-all-keys', 'monotonic-reads'],
];
const ARROWS_BY_VALUES: readonly (readonly [Level, Level])[] = [
  ['pram', 'read-your-writes'],
  ['pram', 'monotonic-reads'],
  ['causal-convergence', 'read-your-writes'],
  ['causal-convergence', 'monotonic-reads'],
];

/** Every level by its own judge, with nothing from another level. */
function judgeApart(history: readonly Operation[]): Map<Level, Judgement> {
  const readings = Readings.of(history);
  const causally = {
    isMonotone: true,
    narrow: (one: Readings) => narrow(one, orderCausally),
  };
  const bySessions = { ...causally, narrow: (one: Readings) => narrow(one, orderBySessions) };
  const openly = {
    isMonotone: false,
    isLeftOpen: ({ group }: { group: string | undefined }) => group === undefined,
  };
  const view = viewCausally;
  const sessions = new SessionJudge(readings.normalized, history, {
    initial: new Set(),
    isTimed: basisOf(history) !== 'values',
  });
  return new Map<Level, Judgement>([
    ['linearizable', judgeLinearizability(readings)],
    ['sequential', judgeReadings(readings, (table) => searchSequential(table), openly)],
    ['causal-memory', judgeReadings(readings, (one) => judgeCausalMemory(view(one)), causally)],
    ['causal-convergence', judgeReadings(readings, (one) => judgeConvergence(view(one)), causally)],
    ['causal', judgeReadings(readings, (one) => view(one).causal, causally)],
    ['pram', judgeReadings(readings, judgePram, bySessions)],
    ...GUARANTEES.map((level): [Level, Judgement] => [level, sessions.judge(level)]),
  ]);
}

function* randomRuns(seed: number, count: number, operations: number): Generator<Operation[]> {
  const random = createRandomStream(seed, 'lattice');
  for (let run = 0; run < count; run += 1) {
    const pending = [0, 0.1, 0.4][run % 3] as number;
    const shape = { operations, sessions: 4, keys: 1 + (run % 2), isTimed: true };
    const sessions = randomHistory(random, { ...shape, pending, wild: run % 5 === 0 ? 0.1 : 0 });
    yield toHistory(
      blur(random, sessions, {
        deletions: [0, 0.3, 0.6][(run >> 1) % 3] as number,
        versions: [0, 0.5, 1, 0.9][run % 4] as number,
        ...(run % 7 < 2 ? { values: 3 } : {}),
      }),
    );
  }
}

describe('the lattice', () => {
  it('is kept by the judges of all levels, each by itself, and by what follows from them', () => {
    const counts = new Map<string, number>();
    for (const history of randomRuns(1, 600 / SPARSE, 12)) {
      const apart = judgeApart(history);
      const { verdicts, basis } = strongest(history);
      const arrows = basis === 'values' ? [...ARROWS, ...ARROWS_BY_VALUES] : ARROWS;
      const told = new Map<Level, Judgement>(verdicts.map((one) => [one.level, one]));
      for (const found of [apart, told]) {
        for (const [strong, weak] of arrows) {
          if (found.get(strong)?.outcome !== 'holds') continue;
          const { outcome } = found.get(weak) as Judgement;
          expect(outcome, `${weak}: ${JSON.stringify(history)}`).not.toBe('broken');
        }
      }
      for (const [level, { outcome }] of told) {
        const own = apart.get(level)?.outcome;
        const isDecided = own !== 'undecided' && whyNothing(history, level) === undefined;
        if (isDecided) expect(outcome, JSON.stringify(history)).toBe(own);
        expectWitness(told.get(level) as Judgement);
        counts.set(`${level} ${outcome}`, (counts.get(`${level} ${outcome}`) ?? 0) + 1);
      }
    }
    for (const level of LEVELS.slice(0, 8)) {
      for (const outcome of ['holds', 'broken']) {
        expect(counts.get(`${level} ${outcome}`), `${level} ${outcome}`).toBeGreaterThan(
          20 / SPARSE,
        );
      }
    }
  });
});

/** Doubts must not make a witness senseless. */
function expectWitness(judgement: Judgement): void {
  if (judgement.outcome !== 'broken') return;
  const { sentence, operations } = judgement.witness;
  expect(sentence).toMatch(/\.$/);
  expect(sentence).not.toMatch(/undefined|null|NaN/);
  expect(operations.length, sentence).toBeGreaterThan(0);
  for (const operation of operations) expect(operation?.line, sentence).toBeGreaterThan(0);
}

/** What was known at a time: what had not ended then has no answer. */
function upTo(history: readonly Operation[], time: number): Operation[] {
  return history
    .filter(({ invokedAt }) => invokedAt <= time)
    .map((operation): Operation => {
      const { returnedAt } = operation;
      if (returnedAt !== null && returnedAt <= time) return operation;
      const lost = { outcome: 'unknown', returnedAt: null, version: null } as const;
      return { ...operation, ...lost, value: operation.kind === 'get' ? null : operation.value };
    });
}

/** Whether something that began later has written what a read before has found. */
function isForetold(history: readonly Operation[], time: number): boolean {
  const later = history.filter(({ kind, invokedAt }) => kind !== 'get' && invokedAt > time);
  return history.some(
    ({ kind, key, value, returnedAt }) =>
      kind === 'get' &&
      (returnedAt ?? Infinity) <= time &&
      later.some((write) => write.key === key && write.value === value),
  );
}

describe('what happens later', () => {
  it('mends nothing', () => {
    const counts = new Map<Level, number>();
    for (const history of randomRuns(2, 400 / SPARSE, 10)) {
      const whole = new Map(LEVELS.map((level) => [level, check(history, level).outcome]));
      const times = new Set(
        history.flatMap(({ invokedAt, returnedAt }) => [invokedAt, returnedAt]),
      );
      for (const time of times) {
        if (time === null) continue;
        const part = upTo(history, time);
        for (const level of LEVELS) {
          if (whole.get(level) !== 'holds') continue;
          // Only real time says that a read is before a write that begins later.
          const isUntimed = CLIENT_LEVELS.includes(level) || basisOf(part) === 'values';
          if (level !== 'linearizable' && isUntimed && isForetold(history, time)) continue;
          const { outcome } = check(part, level);
          expect(outcome, `${level} at ${time}: ${JSON.stringify(history)}`).not.toBe('broken');
          counts.set(level, (counts.get(level) ?? 0) + 1);
        }
      }
    }
    for (const level of CLIENT_LEVELS) expect(counts.get(level)).toBeGreaterThan(1000 / SPARSE);
    for (const level of GUARANTEES) expect(counts.get(level), level).toBeGreaterThan(100 / SPARSE);
  });
});

// How long the checkers take, and how that grows with the history. Each figure is the middle one of
// three, from the operations as a run records them to the verdict.
import {
  check,
  KEY_TYPE,
  type KeyCall,
  type Level,
  linearize,
  type TimedCall,
} from '../src/checkers/index.ts';
import type { Operation } from '../src/kernel/history.ts';
import { createRandomStream, randomBelow } from '../src/kernel/random.ts';
import { causalHistory, linearizableHistory } from './checkersHistories.ts';

interface Subject {
  readonly what: Level;
  readonly sessions: number;
  readonly keys: number;
  /** Operations, growing; the target is for the last. */
  readonly sizes: readonly number[];
  readonly targetMs: number;
  readonly make: (size: { operations: number; sessions: number; keys: number }) => Operation[];
}

const SUBJECTS: readonly Subject[] = [
  {
    what: 'linearizable',
    sessions: 100,
    keys: 1000,
    sizes: [62_500, 125_000, 250_000, 500_000, 1_000_000],
    targetMs: 2000,
    make: linearizableHistory,
  },
  {
    what: 'causal',
    sessions: 30,
    keys: 100,
    sizes: [12_500, 25_000, 50_000, 100_000],
    targetMs: 1000,
    make: (size) => causalHistory(size, true),
  },
  {
    what: 'causal-convergence',
    sessions: 30,
    keys: 100,
    sizes: [12_500, 25_000, 50_000, 100_000],
    targetMs: 1000,
    make: (size) => causalHistory(size, true),
  },
  {
    what: 'causal-memory',
    sessions: 10,
    keys: 100,
    sizes: [1250, 2500, 5000, 10_000],
    targetMs: 1000,
    make: (size) => causalHistory(size, false),
  },
];

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

function middleOfThree(measure: () => number): number {
  return [measure(), measure(), measure()].sort((a, b) => a - b)[1] as number;
}

say('| level              | clients | operations |    time | growth | target |');
say('|--------------------|---------|------------|---------|--------|--------|');
for (const { what, sessions, keys, sizes, targetMs, make } of SUBJECTS) {
  let former: number | undefined;
  for (const [index, operations] of sizes.entries()) {
    const history = make({ operations, sessions, keys });
    const ms = middleOfThree(() => timeCheck(history, what));
    const isLast = index === sizes.length - 1;
    const verdict = ms <= targetMs ? 'met' : 'MISSED';
    const target = isLast ? `< ${targetMs} ms, ${verdict}` : '';
    const growth = former === undefined ? '' : (ms / former).toFixed(1);
    const cells = [
      what.padEnd(18),
      String(sessions).padStart(7),
      String(operations).padStart(10),
      `${Math.round(ms)} ms`.padStart(7),
      growth.padStart(6),
      target,
    ];
    say(`| ${cells.join(' | ')} |`);
    former = ms;
  }
}

function timeCheck(history: readonly Operation[], level: Level): number {
  const begun = performance.now();
  const { outcome } = check(history, level);
  const ms = performance.now() - begun;
  if (outcome !== 'holds') throw new Error(`${level}: ${outcome}`);
  return ms;
}

say('\nWing & Gong on one key, appends and pops, as more and more of them overlap:\n');
say('| calls | overlapping |      time |   outcome |');
say('|-------|-------------|-----------|-----------|');
for (const [count, overlap] of [
  [1000, 2],
  [1000, 4],
  [1000, 8],
  [4000, 4],
  [4000, 8],
  [1000, 16],
] as const) {
  const calls = overlappingCalls(count, overlap);
  const begun = performance.now();
  const { outcome } = linearize(KEY_TYPE, calls, 2_000_000);
  const ms = performance.now() - begun;
  say(
    `| ${String(count).padStart(5)} | ${String(overlap).padStart(11)} ` +
      `| ${`${Math.round(ms)} ms`.padStart(9)} | ${outcome.padStart(9)} |`,
  );
}

/** Pushes and pops of one text, each at a moment within its interval. */
function overlappingCalls(count: number, overlap: number): TimedCall<KeyCall>[] {
  const random = createRandomStream(3, 'overlapping');
  let state: string | null = '';
  return Array.from({ length: count }, (_, moment) => {
    const value = 'abcdefgh'[randomBelow(random, 8)] as string;
    const side = random() < 0.5 ? 'left' : 'right';
    const result = side === 'left' ? state?.at(0) : state?.at(-1);
    const pop: KeyCall = { kind: 'pop', side, result: result ?? '' };
    const isPop = state !== '' && random() < 0.5;
    const call: KeyCall = isPop ? pop : { kind: 'append', value, side };
    if (moment === 0) {
      state = '';
      return { call: { kind: 'put', value: '' }, start: 0, end: 0 };
    }
    state = KEY_TYPE.apply(state, call) as string;
    const start = moment - (random() * overlap) / 2;
    return { call, start, end: moment + (random() * overlap) / 2 };
  });
}

// How long the checkers take, and how that grows with the history. Each figure is the middle one of
// three, from the operations as a run records them to the verdict; the floor, in between, is to
// sort the times of all begins and ends. The processor's time says more than the clock's on a
// machine with other things to do; it includes collecting garbage.
import {
  check,
  type KeyCall,
  type Level,
  linearize,
  REGISTER,
  type TimedCall,
} from '../src/checkers/index.ts';
import type { Operation } from '../src/kernel/history.ts';
import { createRandomStream, randomBelow } from '../src/kernel/random.ts';
import { causalHistory, linearizableHistory } from './checkersHistories.ts';

interface Subject {
  readonly what: Level;
  readonly sessions: number;
  readonly keys: number;
  /** Operations, growing; the target, if there is one, is for the last. */
  readonly sizes: readonly number[];
  readonly targetMs?: number;
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
    sizes: [125_000, 250_000, 500_000, 1_000_000],
    make: (size) => causalHistory(size, false),
  },
];

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

interface Taken {
  readonly clockMs: number;
  readonly processorMs: number;
}

function take(measured: () => void): Taken {
  const [begun, used] = [performance.now(), process.cpuUsage()];
  measured();
  const { user, system } = process.cpuUsage(used);
  return { clockMs: performance.now() - begun, processorMs: (user + system) / 1000 };
}

/** The floor and the subject take turns. */
function middleOfThree(subject: () => void, floor: () => void): Taken & { ratio: number } {
  const all = [1, 2, 3].map(() => {
    const { processorMs } = take(floor);
    const taken = take(subject);
    return { ...taken, ratio: taken.processorMs / processorMs };
  });
  const { processorMs, clockMs } = middle(all, (one) => one.processorMs);
  return { processorMs, clockMs, ratio: middle(all, ({ ratio }) => ratio).ratio };
}

function middle<T>(three: readonly T[], by: (one: T) => number): T {
  return three.toSorted((a, b) => by(a) - by(b))[1] as T;
}

function sortTimes(history: readonly Operation[]): void {
  const times = new Float64Array(2 * history.length);
  for (const [index, { invokedAt, returnedAt }] of history.entries()) {
    times[2 * index] = invokedAt;
    times[2 * index + 1] = returnedAt ?? Number.POSITIVE_INFINITY;
  }
  times.sort();
}

const ms = (time: number): string => `${Math.round(time)} ms`.padStart(9);

say(
  '| level              | clients | operations | over sorting | processor |     clock | growth | |',
);
say(
  '|--------------------|---------|------------|--------------|-----------|-----------|--------|-|',
);
for (const { what, sessions, keys, sizes, targetMs, make } of SUBJECTS) {
  let former: number | undefined;
  for (const [index, operations] of sizes.entries()) {
    const history = make({ operations, sessions, keys });
    const { clockMs, processorMs, ratio } = middleOfThree(
      () => mustHold(history, what),
      () => sortTimes(history),
    );
    const isJudged = index === sizes.length - 1 && targetMs !== undefined;
    const verdict = processorMs <= (targetMs ?? 0) ? 'met' : 'MISSED';
    const cells = [
      what.padEnd(18),
      String(sessions).padStart(7),
      String(operations).padStart(10),
      ratio.toFixed(1).padStart(12),
      ms(processorMs),
      ms(clockMs),
      (former === undefined ? '' : (processorMs / former).toFixed(1)).padStart(6),
      isJudged ? `< ${targetMs} ms, ${verdict}` : '',
    ];
    say(`| ${cells.join(' | ')} |`);
    former = processorMs;
  }
}

function mustHold(history: readonly Operation[], level: Level): void {
  const { outcome } = check(history, level);
  if (outcome !== 'holds') throw new Error(`${level}: ${outcome}`);
}

say('\nWing & Gong on one key, appends and pops, as more and more of them overlap:\n');
const BUDGET = 200_000;
say('| calls | overlapping | processor | outcome |');
say('|-------|-------------|-----------|---------|');
for (const [count, overlap] of [
  [1000, 2],
  [1000, 4],
  [1000, 6],
  [1000, 8],
  [4000, 4],
  [16_000, 4],
] as const) {
  const calls = overlappingCalls(count, overlap);
  let outcome = '';
  const { processorMs } = take(() => {
    ({ outcome } = linearize(REGISTER, calls, BUDGET));
  });
  const cells = [String(count).padStart(5), String(overlap).padStart(11), ms(processorMs)];
  say(`| ${cells.join(' | ')} | ${outcome.padStart(7)} |`);
}
say(`\nunknown: given up after ${BUDGET} states.`);

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
    state = REGISTER.apply(state, call) as string;
    const start = moment - (random() * overlap) / 2;
    return { call, start, end: moment + (random() * overlap) / 2 };
  });
}

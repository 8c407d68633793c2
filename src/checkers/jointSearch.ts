// One search over the operations of all keys, in which every session keeps its order. Needed where
// keys cannot be judged one by one: sequential consistency is not local (Herlihy & Wing, TOPLAS
// 1990, section 3.3), and neither is linearizability by closed intervals with session order.
import { isInitial, type Recorded } from './history.ts';
import { groupByKey, registerOf } from './keyRegister.ts';
import { type NoOrder, noOrder } from './keySearch.ts';
import type { Meter } from './meter.ts';
import { type Normalized, normalize } from './normalize.ts';
import { DEFAULT_BUDGET, searchInTurn } from './partitions.ts';
import { SEQUENTIAL_BUDGET } from './sequential.ts';
import type { Effect, SequentialSpecification } from './specification.ts';
import { createTimes, type Times } from './times.ts';
import { Transitions } from './transitions.ts';
import { findUnwritten } from './unwritten.ts';
import { HOLDS, type Judgement, undecided } from './verdict.ts';
import { linearizeKinds, type SearchResult, type TimedCall } from './wingGong.ts';

/** How many numbers the states of a search may have together. */
const MOST_NUMBERS = 2 ** 25;

/** In stored states: of one search, and of all for one verdict. */
interface Limits {
  readonly budget: number;
  readonly meter: Meter | undefined;
}

const NONE = 'No order that keeps that of each session explains';
const NOT_SEQUENTIAL: NoOrder = { pattern: 'NoSequentialOrder', none: NONE };
const NOT_LINEARIZABLE: NoOrder = { pattern: 'NoLinearization', none: NONE };

/**
 * Linearizability by closed intervals and session order. The strict times say more than the clock,
 * the loose ones less than the sessions; between them only a search of all keys decides.
 */
export function judgeByClock(
  normalized: Normalized<Recorded>,
  judge: (times: Times) => Judgement,
  budget: number = DEFAULT_BUDGET,
  meter?: Meter,
): Judgement {
  const times = createTimes(normalized);
  const strict = judge(times);
  if (strict.outcome !== 'broken' || !times.isCoarse) return strict;
  const loose = createTimes(normalized, true);
  const found = judge(loose);
  if (found.outcome === 'broken') return found;
  return judgeJointly(normalized, loose, { budget, meter }, NOT_LINEARIZABLE);
}

/**
 * Sequential consistency of a history that may have any operations on single keys. Each key is
 * searched alone first: that takes few states, and if a key has no order, the whole has none.
 * `meter` limits all searches together.
 */
export function judgeSequentialCalls(
  history: readonly Recorded[],
  budget: number = SEQUENTIAL_BUDGET,
  meter?: Meter,
): Judgement {
  const normalized = normalize(history);
  const { keys } = normalized;
  const unwritten = findUnwritten(normalized, new Uint8Array(keys.length).fill(1));
  if (unwritten !== undefined) return unwritten;
  const limits = { budget, meter };
  const found = judgeWithoutClock(normalized, withoutClock(normalized), limits);
  if (found.outcome !== 'broken' || !history.some(isInitial)) return found;
  const loose = judgeWithoutClock(normalized, withoutClock(normalized, true), limits);
  if (loose.outcome !== 'holds') return loose;
  return undecided(
    'an order suits every session only if a server lacked a write of an earlier run',
  );
}

function judgeWithoutClock(
  normalized: Normalized<Recorded>,
  times: Times,
  limits: Limits,
): Judgement {
  const groups = groupByKey(normalized);
  const numbers = [...groups.keys()];
  const alone = (key: number, share: number): SearchResult =>
    search(normalized, times, { ...limits, budget: share }, [groups.get(key) as number[]]);
  const byKey = searchInTurn(numbers, alone, limits.budget);
  if (byKey.outcome === 'broken') return tellBroken(normalized, byKey.found, NOT_SEQUENTIAL);
  if (byKey.outcome === 'holds' && numbers.length < 2) return HOLDS;
  return judgeJointly(normalized, times, limits, NOT_SEQUENTIAL);
}

function judgeJointly(
  normalized: Normalized<Recorded>,
  times: Times,
  limits: Limits,
  as: NoOrder,
): Judgement {
  const found = search(normalized, times, limits, groupByKey(normalized).values());
  if (found.outcome === 'holds') return HOLDS;
  if (found.outcome === 'broken') return tellBroken(normalized, found, as);
  return undecided(`the search of all keys gave up after ${limits.budget} states`);
}

type Broken = Extract<SearchResult, { outcome: 'broken' }>;

function tellBroken(
  { operations }: Normalized<Recorded>,
  { culprit, prefix }: Broken,
  as: NoOrder,
): Judgement {
  const operationOf = (op: number): Recorded => operations[op] as Recorded;
  return noOrder(operationOf(culprit), prefix.map(operationOf), as);
}

/**
 * All begin before the first ends; the clock only says which are tried first. What earlier runs
 * wrote comes before, unless `isLoose`.
 */
function withoutClock({ operations, start, end }: Normalized<Recorded>, isLoose = false): Times {
  const byStart = [...start.keys()].sort((a, b) => (start[a] as number) - (start[b] as number));
  const last = start.reduce((latest, time) => Math.max(latest, time), 0);
  const ends = end.slice();
  for (const [place, op] of byStart.entries()) {
    const isBefore = !isLoose && isInitial(operations[op] as Recorded);
    if (Number.isFinite(end[op]) && !isBefore) ends[op] = last + 1 + place;
  }
  return { start, end: ends, isCoarse: false };
}

/** Searches the keys of these groups. The result has the numbers of operations. */
function search(
  normalized: Normalized<Recorded>,
  times: Times,
  { budget, meter }: Limits,
  groups: Iterable<readonly number[]>,
): SearchResult {
  const parts: Transitions<unknown, unknown>[] = [];
  const calls: JointCall[] = [];
  const ops: number[] = [];
  for (const ofKey of groups) {
    const register = registerOf(ofKey, normalized.operations, times);
    const part = new Transitions(register.type);
    for (const { call } of register.calls)
      calls.push({ part: parts.length, kind: part.kindOf(call) });
    ops.push(...register.ops);
    parts.push(part as Transitions<unknown, unknown>);
  }
  const joint = new Transitions(new JointRegister(parts), MOST_NUMBERS / parts.length);
  const kinds = calls.map((call) => joint.kindOf(call));
  const found = linearizeKinds(joint, inSessions(normalized, times, ops), kinds, budget, meter);
  const opOf = (index: number): number => ops[index] as number;
  if (found.outcome === 'holds') return { ...found, order: found.order.map(opOf) };
  if (found.outcome === 'undecided') return found;
  return { ...found, culprit: opOf(found.culprit), prefix: found.prefix.map(opOf) };
}

/** By index: the times of the operation, and the last answered one before it in its session. */
function inSessions(
  { starts }: Normalized<Recorded>,
  { start, end }: Times,
  ops: readonly number[],
): Omit<TimedCall<unknown>, 'call'>[] {
  const opOf = (index: number): number => ops[index] as number;
  const after = new Int32Array(ops.length).fill(-1);
  let [session, before] = [0, -1];
  for (const index of [...ops.keys()].sort((a, b) => opOf(a) - opOf(b))) {
    const op = opOf(index);
    for (; op >= (starts[session + 1] as number); session += 1) before = -1;
    after[index] = before;
    if (end[op] !== Number.POSITIVE_INFINITY) before = index;
  }
  return ops.map((op, index) => {
    const timed = { start: start[op] as number, end: end[op] as number };
    return after[index] === -1 ? timed : { ...timed, after: after[index] as number };
  });
}

interface JointCall {
  readonly part: number;
  /** Its kind in that part. */
  readonly kind: number;
}

/**
 * Several objects as one. An effect is said of the part: the rules of the search hold for a call
 * and an unanswered one of another part as well, since these can change places.
 */
class JointRegister implements SequentialSpecification<readonly number[], JointCall> {
  readonly initial: readonly number[];
  readonly #parts: readonly Transitions<unknown, unknown>[];

  constructor(parts: readonly Transitions<unknown, unknown>[]) {
    this.#parts = parts;
    this.initial = parts.map(({ initial }) => initial);
  }

  apply(state: readonly number[], { part, kind }: JointCall): readonly number[] | undefined {
    const next = this.#of(part).step(state[part] as number, kind);
    if (next < 0) return undefined;
    return next === state[part] ? state : state.with(part, next);
  }

  nameOf(state: readonly number[]): string {
    return state.join(' ');
  }

  nameOfCall({ part, kind }: JointCall): string {
    return `${part} ${kind}`;
  }

  effectOf({ part, kind }: JointCall): Effect {
    return this.#of(part).effectOf(kind);
  }

  #of(part: number): Transitions<unknown, unknown> {
    return this.#parts[part] as Transitions<unknown, unknown>;
  }
}

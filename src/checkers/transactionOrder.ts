// One order of all transactions, in which each takes effect at once: a search over all keys. With
// the clock it is strict serializability (Papadimitriou, "The serializability of concurrent
// database updates", JACM 1979; for single operations, linearizability). With the order of each
// session alone it is strong session serializability (Daudjee and Salem, ICDE 2004). So a read of
// several keys is judged as a snapshot. Values decide, since transactions have no versions.
import type { Operation } from '../kernel/history.ts';
import { isPending, isWrite, type Normalized, normalize } from './normalize.ts';
import type { Effect, SequentialSpecification } from './specification.ts';
import { Transitions } from './transitions.ts';
import { broken, HOLDS, type Judgement, undecided } from './verdict.ts';
import { linearizeKinds, type TimedCall } from './wingGong.ts';
import { tell } from './words.ts';

/** In stored states. */
const BUDGET = 200_000;

export type OrderLevel = 'linearizable' | 'sequential';

/** A transaction: what it reads before it writes the key, and its last write of each key. */
interface Call {
  readonly operations: readonly Operation[];
  readonly reads: ReadonlyMap<number, string | null>;
  readonly writes: ReadonlyMap<number, string | null>;
  readonly start: number;
  /** Infinity if no answer came. */
  readonly end: number;
  readonly session: number;
}

/**
 * Reads of what the transaction has written itself are not looked at. Throws a HistoryError for a
 * malformed history.
 */
export function judgeTransactionOrder(
  history: readonly Operation[],
  level: OrderLevel,
  budget: number = BUDGET,
): Judgement {
  const normalized = normalize(history);
  const calls = withoutUnread(findCalls(normalized));
  const transitions = new Transitions(new Store(normalized.keys.length));
  const kinds = calls.map((call) => transitions.kindOf(call));
  const found = linearizeKinds(transitions, timesOf(calls, level), kinds, budget);
  if (found.outcome === 'holds') return HOLDS;
  if (found.outcome === 'undecided')
    return undecided(`the search of all keys gave up after ${budget} states`);
  const callOf = (index: number): Call => calls[index] as Call;
  const culprit = callOf(found.culprit);
  const last = found.prefix.map(callOf).findLast((call) => call !== culprit);
  const before = last === undefined ? '' : `: the longest one that fits ends with ${tellAll(last)}`;
  return broken(
    level === 'linearizable' ? 'NoLinearization' : 'NoSequentialOrder',
    [...(last?.operations ?? []), ...culprit.operations],
    `No order of the transactions explains that ${tellAll(culprit)}${before}.`,
  );
}

function tellAll({ operations }: Call): string {
  return operations.map((operation) => tell(operation)).join(' and ');
}

/** Session by session, in the order of each. */
function findCalls({ operations, starts, key, start, end }: Normalized): Call[] {
  const calls: Call[] = [];
  for (let session = 0; session + 1 < starts.length; session += 1) {
    const stop = starts[session + 1] as number;
    for (let first = starts[session] as number; first < stop; ) {
      const { transaction } = operations[first] as Operation;
      let after = first + 1;
      const isSame = (): boolean =>
        transaction !== undefined && operations[after]?.transaction === transaction;
      while (after < stop && isSame()) after += 1;
      const reads = new Map<number, string | null>();
      const writes = new Map<number, string | null>();
      for (let op = first; op < after; op += 1) {
        const operation = operations[op] as Operation;
        const name = key[op] as number;
        if (isWrite(operation)) writes.set(name, operation.value);
        else if (!writes.has(name)) reads.set(name, operation.value);
      }
      const times = { start: start[first] as number, end: end[after - 1] as number };
      calls.push({ operations: operations.slice(first, after), reads, writes, ...times, session });
      first = after;
    }
  }
  return calls;
}

/** An unanswered transaction of which nothing was read may as well not have happened. */
function withoutUnread(calls: readonly Call[]): Call[] {
  const read = new Set(
    calls.flatMap(({ reads }) => [...reads].map(([key, value]) => JSON.stringify([key, value]))),
  );
  const isRead = ({ writes }: Call): boolean =>
    [...writes].some(([key, value]) => read.has(JSON.stringify([key, value])));
  return calls.filter((call) => !isPending(call.operations[0] as Operation) || isRead(call));
}

/** A session has one transaction at a time. For `sequential`, the clock says nothing more. */
function timesOf(calls: readonly Call[], level: OrderLevel): Omit<TimedCall<Call>, 'call'>[] {
  const last = calls.reduce((latest, { start }) => Math.max(latest, start), 0);
  const latest = new Map<number, number>();
  return calls.map(({ start, end, session }, index) => {
    const after = latest.get(session);
    const isAnswered = Number.isFinite(end);
    if (isAnswered) latest.set(session, index);
    const isTimed = level === 'linearizable' || !isAnswered;
    const times = { start, end: isTimed ? end : last + 1 + end };
    return after === undefined ? times : { ...times, after };
  });
}

type State = readonly (string | null)[];

/** All keys as one object. */
class Store implements SequentialSpecification<State, Call> {
  readonly initial: State;

  constructor(keys: number) {
    this.initial = new Array<null>(keys).fill(null);
  }

  apply(state: State, { reads, writes }: Call): State | undefined {
    for (const [key, value] of reads) if (state[key] !== value) return undefined;
    if (writes.size === 0) return state;
    const next = [...state];
    for (const [key, value] of writes) next[key] = value;
    return next;
  }

  nameOf(state: State): string {
    return JSON.stringify(state);
  }

  nameOfCall({ reads, writes }: Call): string {
    return JSON.stringify([[...reads], [...writes]]);
  }

  effectOf({ writes }: Call): Effect {
    return writes.size === 0 ? 'none' : 'transforms';
  }
}

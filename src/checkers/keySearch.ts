// Linearizability by search, key by key: for all operations that a key knows, and where equal
// values leave open who read what.
import { type Gathered, gather, isPending, isWrite } from './gather.ts';
import type { Recorded } from './history.ts';
import { KEY_TYPE, type KeyCall } from './keyType.ts';
import { DEFAULT_BUDGET, linearizePartitions } from './partitions.ts';
import { createTimes, type Times } from './times.ts';
import { broken, HOLDS, type Judgement, undecided } from './verdict.ts';
import type { TimedCall } from './wingGong.ts';
import { tell } from './words.ts';

/** For a history with operations that zones do not know. */
export function judgeCalls(
  history: readonly Recorded[],
  budget: number = DEFAULT_BUDGET,
): Judgement {
  const gathered = gather(history);
  return judgeByClock(gathered, (times) => searchKeys(gathered, times, budget));
}

/** Judges by the strict times; by the loose ones too, where the clock says too little. */
export function judgeByClock(
  gathered: Gathered<Recorded>,
  judge: (times: Times) => Judgement,
): Judgement {
  const times = createTimes(gathered);
  const strict = judge(times);
  if (strict.outcome !== 'broken' || !times.isCoarse) return strict;
  const loose = judge(createTimes(gathered, true));
  if (loose.outcome !== 'holds') return loose;
  return undecided('the clock is too coarse: several sessions ended and began in the same instant');
}

/** Of all keys, or of those that are 1 in `isChosen`. */
export function searchKeys(
  gathered: Gathered<Recorded>,
  times: Times,
  budget: number,
  isChosen?: Uint8Array,
): Judgement {
  const { operations, key, keys } = gathered;
  const partitions = new Map<number, (TimedCall<KeyCall> & { op: number })[]>();
  for (const [op, operation] of operations.entries()) {
    const k = key[op] as number;
    if (isChosen !== undefined && isChosen[k] !== 1) continue;
    if (operation.kind === 'append' && operation.value === '') continue;
    const [start, end] = [times.start[op] as number, times.end[op] as number];
    const calls = partitions.get(k) ?? [];
    partitions.set(k, calls);
    calls.push({ call: toCall(operation), start, end, op });
  }
  const result = linearizePartitions(KEY_TYPE, partitions, budget);
  if (result.outcome === 'holds') return HOLDS;
  if (result.outcome === 'undecided') {
    const names = result.undecided.map((k) => keys[k]).slice(0, 3);
    return undecided(`the search gave up after ${budget} states, at ${names.join(', ')}`);
  }
  const calls = partitions.get(result.partition) ?? [];
  const operationOf = (index: number): Recorded =>
    operations[calls[index]?.op as number] as Recorded;
  return noOrder(operationOf(result.found.culprit), result.found.prefix.map(operationOf));
}

function toCall(operation: Recorded): KeyCall {
  switch (operation.kind) {
    case 'get':
      return { kind: 'get', result: operation.value };
    case 'delete':
      return { kind: 'delete' };
    case 'append':
      return { kind: 'append', value: operation.value, side: 'right' };
    case 'cas': {
      const { expected, value, isSet } = operation;
      return { kind: 'compareAndSet', expected, value, result: isSet ?? undefined };
    }
    case 'put':
      return operation.value === null
        ? { kind: 'delete' }
        : { kind: 'put', value: operation.value };
  }
}

/** The prefix is in an order that fits; its last operations show what the key was then. */
function noOrder(culprit: Recorded, prefix: readonly Recorded[]): Judgement {
  const answered = prefix.filter((operation) => operation !== culprit);
  const lastWrite = answered.findLast((operation) => isWrite(operation));
  const shown = [lastWrite, answered.at(-1)].filter((operation) => operation !== undefined);
  const before = [...new Set(shown)];
  const told = before.map(tellOpenly).join(', then ');
  return broken(
    'NoLinearization',
    [...before, culprit],
    `No order of the operations explains that ${tell(culprit)}` +
      `${told === '' ? '' : `: the longest one that fits ends with ${told}`}.`,
  );
}

/** With a word about the answer that never came. */
function tellOpenly(operation: Recorded): string {
  return `${tell(operation)}${isPending(operation) ? ' without an answer' : ''}`;
}

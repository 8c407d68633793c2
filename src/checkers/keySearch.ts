// Decides linearizability by search, one key at a time. Needed for operations that the zone
// algorithm does not cover, and where equal values leave open which write a read returned.

import type { Recorded } from './history.ts';
import { type NamedCall, nameWrites } from './namedRegister.ts';
import { isPending, isWrite, type Normalized, normalize } from './normalize.ts';
import { DEFAULT_BUDGET, linearizePartitions } from './partitions.ts';
import type { KeyCall } from './register.ts';
import { createTimes, type Times } from './times.ts';
import { broken, HOLDS, type Judgement, undecided } from './verdict.ts';
import type { TimedCall } from './wingGong.ts';
import { tell } from './words.ts';

/** For a history with operations that the zone algorithm does not cover. */
export function judgeCalls(
  history: readonly Recorded[],
  budget: number = DEFAULT_BUDGET,
): Judgement {
  const normalized = normalize(history);
  return judgeByClock(normalized, (times) => searchKeys(normalized, times, budget));
}

/** Judges with strict times, and if that fails and the clock is coarse, also with loose times. */
export function judgeByClock(
  normalized: Normalized<Recorded>,
  judge: (times: Times) => Judgement,
): Judgement {
  const times = createTimes(normalized);
  const strict = judge(times);
  if (strict.outcome !== 'broken' || !times.isCoarse) return strict;
  const loose = judge(createTimes(normalized, true));
  if (loose.outcome !== 'holds') return loose;
  return undecided('the clock is too coarse: several sessions ended and began in the same instant');
}

/** Searches all keys, or only those with 1 in `isChosen`. */
export function searchKeys(
  normalized: Normalized<Recorded>,
  times: Times,
  budget: number,
  isChosen?: Uint8Array,
): Judgement {
  const { operations, key, keys } = normalized;
  const isWanted = (op: number): boolean => isChosen?.[key[op] as number] !== 0;
  const numbers = [...operations.keys()].filter(isWanted);
  const { type, calls } = nameWrites(numbers.map((op) => operations[op] as Recorded));
  const partitions = new Map<number, Asked[]>();
  for (const [index, op] of numbers.entries()) {
    const [start, end] = [times.start[op] as number, times.end[op] as number];
    const asked = partitions.get(key[op] as number) ?? [];
    partitions.set(key[op] as number, asked);
    asked.push({ call: calls[index] as NamedCall, start, end, op });
  }
  for (const [k, asked] of partitions) partitions.set(k, inOrder(asked.filter(isNeeded(asked))));
  const result = linearizePartitions(type, partitions, budget);
  if (result.outcome === 'holds') return HOLDS;
  if (result.outcome === 'undecided') {
    const names = result.undecided.map((k) => keys[k]).slice(0, 3);
    return undecided(`the search gave up after ${budget} states, at ${names.join(', ')}`);
  }
  const asked = partitions.get(result.partition) ?? [];
  const operationOf = (index: number): Recorded =>
    operations[asked[index]?.op as number] as Recorded;
  return noOrder(operationOf(result.found.culprit), result.found.prefix.map(operationOf));
}

interface Asked extends TimedCall<NamedCall> {
  readonly op: number;
}

/** Calls after which a key holds something that no call names. */
const TRANSFORMS: ReadonlySet<KeyCall['kind']> = new Set(['append', 'pop', 'compareAndSet']);

/** Leaves out unanswered writes that no read can have returned. */
function isNeeded(all: readonly Asked[]): (asked: Asked) => boolean {
  const found = new Set<string | null>();
  let isRegister = true;
  for (const { call } of all) {
    if (call.call.kind === 'get' && call.name < 0) found.add(call.call.result);
    if (TRANSFORMS.has(call.call.kind)) isRegister = false;
  }
  return ({ call: { call, writer, isPending } }) => {
    if (writer >= 0) return true;
    if (!isPending || !isRegister) return true;
    return found.has(call.kind === 'put' ? call.value : null);
  };
}

/** Unanswered writes that differ only in their start are tried in one fixed order. */
function inOrder(asked: readonly Asked[]): Asked[] {
  const former = new Map<string, number>();
  const ordered = [...asked];
  const start = (index: number): number => (asked[index] as Asked).start;
  for (const index of [...asked.keys()].sort((a, b) => start(a) - start(b) || a - b)) {
    const one = asked[index] as Asked;
    if (!one.call.isPending || one.call.writer >= 0) continue;
    const name = JSON.stringify(one.call.call);
    const after = former.get(name);
    if (after !== undefined) ordered[index] = { ...one, after };
    former.set(name, index);
  }
  return ordered;
}

/** `prefix` is in a valid order; its last operations show the state of the key at that point. */
function noOrder(culprit: Recorded, prefix: readonly Recorded[]): Judgement {
  const last = prefix.findLastIndex((operation) => !isPending(operation));
  const answered = prefix.slice(0, last + 1).filter((operation) => operation !== culprit);
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

/** Adds that the answer is missing. */
function tellOpenly(operation: Recorded): string {
  return `${tell(operation)}${isPending(operation) ? ' without an answer' : ''}`;
}

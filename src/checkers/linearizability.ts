// Linearizability of a run (Herlihy & Wing, TOPLAS 1990): by zones where every read says which
// write it has read, so for all put, get and delete with versions or distinct values; by search for
// the keys of which several writes left the same value and nothing tells them apart.
import type { Operation } from '../kernel/history.ts';
import { findThinAir } from './causal.ts';
import { type Gathered, isPending, isWrite } from './gather.ts';
import { KEY_TYPE, type KeyCall } from './keyType.ts';
import type { Model } from './model.ts';
import { DEFAULT_BUDGET, linearizePartitions } from './partitions.ts';
import { createTimes, type Times } from './times.ts';
import { writtenValue } from './valueIndex.ts';
import { HOLDS, type Judgement, unknown, violated } from './verdict.ts';
import type { TimedCall } from './wingGong.ts';
import { tell } from './words.ts';
import { findZoneConflict } from './zones.ts';

/** `budget` bounds the search, in states that have to be remembered; zones need none. */
export function judgeLinearizability(model: Model, budget: number = DEFAULT_BUDGET): Judgement {
  const thinAir = findThinAir(model);
  if (thinAir !== undefined) return thinAir;
  const times = createTimes(model.gathered);
  const strict = judgeAt(model, times, budget);
  if (strict.outcome !== 'violated' || !times.isCoarse) return strict;
  const loose = judgeAt(model, createTimes(model.gathered, true), budget);
  if (loose.outcome !== 'holds') return loose;
  return unknown('the clock is too coarse: several sessions ended and began in the same instant');
}

function judgeAt(model: Model, times: Times, budget: number): Judgement {
  const { doubts, gathered, keyCount } = model;
  const isDoubtful = new Uint8Array(keyCount);
  for (const { reads } of doubts) {
    for (const read of reads) isDoubtful[gathered.key[read] as number] = 1;
  }
  const conflict = findZoneConflict(model, times, isDoubtful);
  if (conflict !== undefined) return conflict;
  return doubts.length === 0 ? HOLDS : search(gathered, times, isDoubtful, budget);
}

function search(
  gathered: Gathered,
  times: Times,
  isDoubtful: Uint8Array,
  budget: number,
): Judgement {
  const { operations, key, keys } = gathered;
  const partitions = new Map<number, (TimedCall<KeyCall> & { op: number })[]>();
  for (const [op, operation] of operations.entries()) {
    const k = key[op] as number;
    if (isDoubtful[k] !== 1) continue;
    const [start, end] = [times.start[op] as number, times.end[op] as number];
    const calls = partitions.get(k) ?? [];
    partitions.set(k, calls);
    calls.push({ call: toCall(operation), start, end, op });
  }
  const result = linearizePartitions(KEY_TYPE, partitions, budget);
  if (result.outcome === 'holds') return HOLDS;
  if (result.outcome === 'unknown') {
    const names = result.undecided.map((k) => keys[k]).slice(0, 3);
    return unknown(`the search gave up after ${budget} states, at ${names.join(', ')}`);
  }
  const calls = partitions.get(result.partition) ?? [];
  const operationOf = (index: number): Operation =>
    operations[calls[index]?.op as number] as Operation;
  return noOrder(operationOf(result.found.culprit), result.found.prefix.map(operationOf));
}

function toCall(operation: Operation): KeyCall {
  if (!isWrite(operation)) return { kind: 'get', result: operation.value };
  const value = writtenValue(operation);
  return value === null ? { kind: 'delete' } : { kind: 'put', value };
}

/** The prefix is in an order that fits; its last operations show what the key was then. */
function noOrder(culprit: Operation, prefix: readonly Operation[]): Judgement {
  const answered = prefix.filter((operation) => operation !== culprit);
  const lastWrite = answered.findLast((operation) => isWrite(operation));
  const shown = [lastWrite, answered.at(-1)].filter((operation) => operation !== undefined);
  const before = [...new Set(shown)];
  const told = before.map((operation) => tell(operation)).join(', then ');
  const open = before.some(isPending) ? ' (without an answer)' : '';
  return violated(
    'NoLinearization',
    [...before, culprit],
    `No order of the operations explains that ${tell(culprit)}` +
      `${told === '' ? '' : `: the longest one that fits ends with ${told}${open}`}.`,
  );
}

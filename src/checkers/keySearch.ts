// Decides linearizability by search, one key at a time. Needed for operations that the zone
// algorithm does not cover, and where equal values leave open which write a read returned.

import type { Recorded } from './history.ts';
import { groupByKey, type KeyRegister, registerOf } from './keyRegister.ts';
import type { Meter } from './meter.ts';
import type { NamedCall } from './namedRegister.ts';
import { isPending, isWrite, type Normalized, normalize } from './normalize.ts';
import { searchInTurn } from './partitions.ts';
import { createTimes, type Times } from './times.ts';
import { Transitions } from './transitions.ts';
import { broken, HOLDS, type Judgement, type Pattern, undecided } from './verdict.ts';
import { linearize, linearizeKinds, type SearchResult, type TimedCall } from './wingGong.ts';
import { tell } from './words.ts';

/** Searches all keys, or only those with 1 in `isChosen`. */
export function searchKeys(
  normalized: Normalized<Recorded>,
  times: Times,
  budget: number,
  isChosen?: Uint8Array,
  meter?: Meter,
): Judgement {
  const { operations, keys } = normalized;
  const registers = new Map<number, KeyRegister>();
  for (const [k, ops] of groupByKey(normalized, isChosen)) {
    registers.set(k, registerOf(ops, operations, times));
  }
  const search = (k: number, share: number): SearchResult => {
    const { type, calls } = registers.get(k) as KeyRegister;
    return linearize(type, calls, share, meter);
  };
  const result = searchInTurn([...registers.keys()], search, budget);
  if (result.outcome === 'holds') return HOLDS;
  if (result.outcome === 'undecided') {
    const names = result.undecided.map((k) => keys[k]).slice(0, 3);
    return undecided(`the search gave up after ${budget} states, at ${names.join(', ')}`);
  }
  const { ops } = registers.get(result.partition) as KeyRegister;
  const operationOf = (index: number): Recorded => operations[ops[index] as number] as Recorded;
  return noOrder(operationOf(result.found.culprit), result.found.prefix.map(operationOf));
}

/**
 * An order of each key, without the operations that are out; or the first operation that does not
 * fit. Undefined if the budget of a key was spent.
 */
export function linearizeKeys(
  normalized: Normalized<Recorded>,
  isOut: ReadonlySet<number>,
  budget: number,
): { readonly orders: readonly (readonly number[])[] } | { readonly culprit: number } | undefined {
  const times = createTimes(normalized);
  const byKey = normalized.keys.map((): number[] => []);
  for (const [op, k] of normalized.key.entries()) if (!isOut.has(op)) byKey[k]?.push(op);
  const orders: (readonly number[])[] = [];
  for (const all of byKey) {
    const { type, calls, ops } = registerOf(all, normalized.operations, times);
    const found = linearize(type, calls, budget);
    if (found.outcome === 'undecided') return undefined;
    if (found.outcome === 'broken') return { culprit: ops[found.culprit] as number };
    orders.push(found.order.map((index) => ops[index] as number));
  }
  return { orders };
}

/**
 * For many parts of one history of one key: says whether the part is broken, or undefined if that
 * is not known so. The calls are made and named once. `meter` limits the searches of all parts.
 * Undefined where what a call does depends on the part: with versions, and where the clock needs to
 * be read with the sessions.
 */
export function prepareParts(
  whole: readonly Recorded[],
  meter: Meter,
): ((part: readonly Recorded[]) => boolean | undefined) | undefined {
  const normalized = normalize(whole);
  const times = createTimes(normalized);
  const { operations, keys } = normalized;
  const isNamed = operations.some(({ kind, version }) => kind === 'get' && version !== null);
  if (isNamed || keys.length !== 1 || times.start !== normalized.start) return undefined;
  const { type, calls, ops } = registerOf([...operations.keys()], operations, times);
  const transitions = new Transitions(type);
  const kinds = new Map<
    Recorded,
    { readonly timed: TimedCall<NamedCall>; readonly kind: number }
  >();
  for (const [index, timed] of calls.entries()) {
    const kind = transitions.kindOf(timed.call);
    kinds.set(operations[ops[index] as number] as Recorded, { timed, kind });
  }
  return (part) => {
    if (part.some(({ key }) => key !== keys[0])) return undefined;
    const known = part.flatMap((operation) => kinds.get(operation) ?? []);
    const timed = known.map((one) => one.timed);
    const named = known.map((one) => one.kind);
    const search = (_: number, share: number): SearchResult =>
      linearizeKinds(transitions, timed, named, share, meter);
    // What is not known is not broken.
    if (meter.left <= 0) return false;
    const { outcome } = searchInTurn([0], search, meter.share);
    return outcome === 'undecided' ? undefined : outcome === 'broken';
  };
}

/** How a search that finds no order names that, and the sentence begins. */
export interface NoOrder {
  readonly pattern: Pattern;
  readonly none: string;
}

const NO_LINEARIZATION: NoOrder = {
  pattern: 'NoLinearization',
  none: 'No order of the operations explains',
};

/** `prefix` is in a valid order; its last operations show the state of the key at that point. */
export function noOrder(
  culprit: Recorded,
  prefix: readonly Recorded[],
  { pattern, none }: NoOrder = NO_LINEARIZATION,
): Judgement {
  const last = prefix.findLastIndex((operation) => !isPending(operation));
  const answered = prefix.slice(0, last + 1).filter((operation) => operation !== culprit);
  const lastWrite = answered.findLast((operation) => isWrite(operation));
  const shown = [lastWrite, answered.at(-1)].filter((operation) => operation !== undefined);
  const before = [...new Set(shown)];
  const told = before.map(tellOpenly).join(', then ');
  return broken(
    pattern,
    [...before, culprit],
    `${none} that ${tell(culprit)}` +
      `${told === '' ? '' : `: the longest one that fits ends with ${told}`}.`,
  );
}

/** Adds that the answer is missing. */
function tellOpenly(operation: Recorded): string {
  return `${tell(operation)}${isPending(operation) ? ' without an answer' : ''}`;
}

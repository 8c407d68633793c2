// A history of sets with fewer elements or fewer reads. If the whole keeps a level, so does each
// such part: an order, or what each operation has seen, explains the part as well.
import { type ElementName, isPart, nameOf, type PartOfRead, type SetOperation } from './history.ts';
import { broken, type Judgement, type Witness } from './verdict.ts';

/** How many operations and elements of reads may be judged to make a witness smaller. */
const MOST_WORK = 2_000_000;

type Broken = Extract<Judgement, { outcome: 'broken' }>;

export function elementsOf(operations: readonly SetOperation[]): ElementName[] {
  const names = operations.flatMap((one) =>
    one.kind === 'elements'
      ? one.elements.map((element) => nameOf(one.key, element))
      : [nameOf(one.key, one.value)],
  );
  return [...new Set(names)];
}

/** The history of these elements only. A read that lacks others of its own is a PartOfRead. */
export function project(
  operations: readonly SetOperation[],
  names: ReadonlySet<ElementName>,
): SetOperation[] {
  return operations.flatMap((one): SetOperation[] => {
    if (one.kind !== 'elements') return names.has(nameOf(one.key, one.value)) ? [one] : [];
    const elements = one.elements.filter((element) => names.has(nameOf(one.key, element)));
    if (elements.length === one.elements.length && !isPart(one)) return [one];
    const read: PartOfRead = { ...one, elements, among: names };
    return [read];
  });
}

/** How parts of a history are judged to make a witness smaller. */
export interface Trials {
  judge(part: readonly SetOperation[]): Judgement;
  /** Whether no more parts are to be judged. */
  isSpent(): boolean;
}

/** A violation, and the part of the history that has it. */
export interface Shown {
  readonly part: readonly SetOperation[];
  readonly witness: Witness;
}

/** Leaves out as many elements and reads as a bounded search finds. */
export function shrink(
  operations: readonly SetOperation[],
  { witness }: Broken,
  { judge, isSpent }: Trials,
): Shown {
  let best: Shown = { part: operations, witness };
  let work = 0;
  /** Makes the part from the best one so far, which takes as long as to judge it, or less. */
  const isBroken = (partOf: (whole: readonly SetOperation[]) => readonly SetOperation[]) => {
    work += sizeOf(best.part);
    if (work > MOST_WORK || isSpent()) return false;
    const part = partOf(best.part);
    const judged = judge(part);
    if (judged.outcome === 'broken') best = { part, witness: judged.witness };
    return judged.outcome === 'broken';
  };
  reduce(elementsOf(operations), (some) => isBroken((whole) => project(whole, new Set(some))));
  const isRead = ({ kind }: SetOperation): boolean => kind === 'elements';
  reduce(best.part.filter(isRead), (some) => {
    const kept = new Set(some);
    return isBroken((whole) => whole.filter((one) => !isRead(one) || kept.has(one)));
  });
  return best;
}

function sizeOf(operations: readonly SetOperation[]): number {
  let size = operations.length;
  for (const one of operations) if (one.kind === 'elements') size += one.elements.length;
  return size;
}

/** With each read as it was. */
export function showWhole(
  { part, witness }: Shown,
  operations: readonly SetOperation[],
): Judgement {
  const numbers = new Map(operations.map((one) => [numberOf(one), one]));
  const whole = part.map((one) => numbers.get(numberOf(one)) ?? one);
  return broken(witness.pattern, whole, witness.sentence);
}

function numberOf({ session, incarnation, seq }: SetOperation): string {
  return `${session}.${incarnation}.${seq}`;
}

/** Leaves out halves, quarters and so on, as long as the rest is still such. */
function reduce<One>(
  all: readonly One[],
  isSuch: (some: readonly One[]) => boolean,
): readonly One[] {
  let left = all;
  for (
    let size = Math.ceil(all.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let at = 0; at < left.length; ) {
      const some = [...left.slice(0, at), ...left.slice(at + size)];
      if (left.length > some.length && isSuch(some)) left = some;
      else at += size;
    }
  }
  return left;
}

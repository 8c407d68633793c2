// A history of sets with fewer elements or fewer reads. If the whole keeps a level, so does each
// such part: an order, or what each operation has seen, explains the part as well.
import { showElements } from '../kernel/history.ts';
import type { SetOperation } from './history.ts';
import { broken, type Judgement, type Witness } from './verdict.ts';

/** How many operations and elements of reads may be judged to make a witness smaller. */
const MOST_WORK = 2_000_000;

/** An element of a key, in one text. */
export type ElementName = string;

function nameOf(key: string, element: string): ElementName {
  return JSON.stringify([key, element]);
}

export function elementsOf(operations: readonly SetOperation[]): ElementName[] {
  const names = operations.flatMap((one) =>
    one.kind === 'elements'
      ? one.elements.map((element) => nameOf(one.key, element))
      : [nameOf(one.key, one.value)],
  );
  return [...new Set(names)];
}

/** The history of these elements only. */
export function project(
  operations: readonly SetOperation[],
  names: ReadonlySet<ElementName>,
): SetOperation[] {
  return operations.flatMap((one): SetOperation[] => {
    if (one.kind !== 'elements') return names.has(nameOf(one.key, one.value)) ? [one] : [];
    const elements = one.elements.filter((element) => names.has(nameOf(one.key, element)));
    return [elements.length === one.elements.length ? one : { ...one, elements }];
  });
}

/** Shows a violation with as few elements and reads as a bounded search finds. */
export function shrink(
  operations: readonly SetOperation[],
  judge: (part: readonly SetOperation[]) => Judgement,
  found: Judgement,
): Judgement {
  let [best, work] = [found, 0];
  const isBroken = (part: readonly SetOperation[]): boolean => {
    for (const one of part) work += one.kind === 'elements' ? 1 + one.elements.length : 1;
    if (work > MOST_WORK) return false;
    const judged = judge(part);
    if (judged.outcome === 'broken') best = judged;
    return judged.outcome === 'broken';
  };
  const names = reduce(elementsOf(operations), (some) =>
    isBroken(project(operations, new Set(some))),
  );
  const part = project(operations, new Set(names));
  const changes = part.filter(({ kind }) => kind !== 'elements');
  const withReads = (reads: readonly SetOperation[]): SetOperation[] => {
    const kept = new Set([...changes, ...reads]);
    return part.filter((one) => kept.has(one));
  };
  const reads = reduce(
    part.filter(({ kind }) => kind === 'elements'),
    (some) => isBroken(withReads(some)),
  );
  return best.outcome === 'broken' ? showWhole(best.witness, withReads(reads), operations) : best;
}

/** With each read as it was, and the elements that count named in the sentence. */
function showWhole(
  { pattern, sentence }: Witness,
  part: readonly SetOperation[],
  operations: readonly SetOperation[],
): Judgement {
  const numbers = new Map(operations.map((one) => [numberOf(one), one]));
  const whole = part.map((one) => numbers.get(numberOf(one)) ?? one);
  if (whole.every((one, index) => one === part[index])) return broken(pattern, whole, sentence);
  const named = elementsOf(part).map((name) => (JSON.parse(name) as [string, string])[1]);
  return broken(pattern, whole, `Of ${showElements([...new Set(named)])}: ${sentence}`);
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

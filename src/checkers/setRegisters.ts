// Sets that only grow as registers, one for each element: an add writes it, and a read of the set
// reads each element, first those that it has found. What such a read of the set has seen explains
// the same of these reads, and the other way round, at each causal level and for PRAM: the order of
// two adds of one element matters to nothing.
import type { Operation } from '../kernel/history.ts';
import type { Recorded, SetOperation } from './history.ts';
import { doesCount } from './normalize.ts';
import { elementsOf } from './setProjection.ts';

/** How many operations on registers may stand for those on sets. */
const MOST_OPERATIONS = 200_000;

const THERE = 'there';

export interface ElementRegisters {
  readonly operations: readonly Operation[];
  /** By operation: that on the set. */
  readonly recorded: ReadonlyMap<Recorded, SetOperation>;
}

/** Undefined if something is removed, or if there would be too many. `others` are of other keys. */
export function toElementRegisters(
  sets: readonly SetOperation[],
  others: readonly Recorded[],
): ElementRegisters | undefined {
  const counted = sets.filter(doesCount);
  if (counted.some(({ kind }) => kind === 'remove')) return undefined;
  const byKey = nameElements(counted, new Set(others.map(({ key }) => key)));
  const size = ({ kind, key }: SetOperation): number =>
    kind === 'elements' ? (byKey.get(key)?.size ?? 0) : 1;
  if (counted.reduce((sum, one) => sum + size(one), 0) > MOST_OPERATIONS) return undefined;
  const recorded = new Map<Recorded, SetOperation>();
  for (const one of counted) {
    const names = byKey.get(one.key) ?? new Map<string, string>();
    for (const part of partsOf(one, names)) recorded.set(part, one);
  }
  return { operations: [...recorded.keys()] as Operation[], recorded };
}

/** By set and element, the name of its register as a sentence tells it: `S[a]`. */
function nameElements(
  sets: readonly SetOperation[],
  taken: Set<string>,
): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const byKey = new Map<string, Map<string, string>>();
  for (const name of elementsOf(sets)) {
    const [key, element] = JSON.parse(name) as [key: string, element: string];
    const ofKey = byKey.get(key) ?? new Map<string, string>();
    byKey.set(key, ofKey);
    let register = `${key}[${element}]`;
    while (taken.has(register)) register = `${register}'`;
    taken.add(register);
    ofKey.set(element, register);
  }
  return byKey;
}

function partsOf(one: SetOperation, names: ReadonlyMap<string, string>): Operation[] {
  if (one.kind !== 'elements') {
    return [{ ...one, kind: 'put', key: names.get(one.value) as string, value: THERE }];
  }
  const { elements, ...read } = one;
  const found = new Set(elements);
  const missing = [...names.keys()].filter((element) => !found.has(element));
  const all = [...found, ...missing];
  return all.map((element, place): Operation => {
    const isFound = place < found.size;
    return {
      ...read,
      kind: 'get',
      key: names.get(element) as string,
      value: isFound ? THERE : null,
      outcome: isFound ? 'ok' : 'absent',
      seq: read.seq + place / all.length,
      // One after the other, within the time of the whole.
      returnedAt: place === all.length - 1 ? read.returnedAt : read.invokedAt,
    };
  });
}

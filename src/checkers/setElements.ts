// The operations of sets by element: which add or remove it, and which reads have found it.
import type { SetOperation, SetRead } from './history.ts';
import { broken, type Judgement } from './verdict.ts';
import { tell } from './words.ts';

export interface Element {
  readonly text: string;
  /** Numbers of operations, ascending. */
  readonly inserts: number[];
  readonly removes: number[];
}

export interface Read {
  readonly op: number;
  readonly found: ReadonlySet<Element>;
}

export interface SetTable {
  /** By key. */
  readonly elements: ReadonlyMap<string, ReadonlySet<Element>>;
  readonly reads: readonly Read[];
  /** A read that fits no set, whatever the order of the operations. */
  readonly impossible: Judgement | undefined;
}

export function tabulateSets(operations: readonly SetOperation[]): SetTable {
  const byName = new Map<string, Map<string, Element>>();
  for (const [op, operation] of operations.entries()) {
    if (operation.kind === 'elements') continue;
    const { key, value, kind } = operation;
    const ofKey = byName.get(key) ?? new Map<string, Element>();
    byName.set(key, ofKey);
    const element = ofKey.get(value) ?? { text: value, inserts: [], removes: [] };
    ofKey.set(value, element);
    (kind === 'insert' ? element.inserts : element.removes).push(op);
  }
  const reads: Read[] = [];
  let impossible: Judgement | undefined;
  for (const [op, operation] of operations.entries()) {
    if (operation.kind !== 'elements') continue;
    impossible ??= findImpossible(operation, byName.get(operation.key));
    const ofKey = byName.get(operation.key);
    reads.push({ op, found: new Set(operation.elements.flatMap((one) => ofKey?.get(one) ?? [])) });
  }
  const elements = new Map([...byName].map(([key, all]) => [key, new Set(all.values())]));
  return { elements, reads, impossible };
}

function findImpossible(
  read: SetRead,
  added: ReadonlyMap<string, Element> | undefined,
): Judgement | undefined {
  const seen = new Set<string>();
  for (const one of read.elements) {
    if (seen.has(one)) {
      const sentence = `${tell(read)}: ${one} is there twice.`;
      return broken('DuplicateElement', [read], sentence);
    }
    seen.add(one);
    if ((added?.get(one)?.inserts.length ?? 0) > 0) continue;
    return broken('UnexpectedElement', [read], `${tell(read)}, but no client added ${one}.`);
  }
  return undefined;
}

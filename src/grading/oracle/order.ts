// Which of the writes of one key come before which: a graph that grows, and says when no order
// satisfies it. A node is a write, or an unknown that stands for one of the writes.
//
// Two different writes are never equal. A cycle makes its nodes equal; so it is a contradiction if
// two writes, or a strict edge, are in it.

export type Item = number;

/** The state before every write. */
export const NOTHING: Item = 0;

interface Edge {
  readonly to: Item;
  readonly isStrict: boolean;
}

export class Order {
  readonly #isWrite: boolean[] = [];
  readonly #after: Edge[][] = [];
  readonly #before: Item[][] = [];

  constructor() {
    this.#add(true);
  }

  addWrite(): Item {
    const write = this.#add(true);
    this.require(NOTHING, write, true);
    return write;
  }

  /** A node that stands for one of the writes, or for NOTHING. */
  addUnknown(): Item {
    const unknown = this.#add(false);
    this.require(NOTHING, unknown, false);
    return unknown;
  }

  isUnknown(item: Item): boolean {
    return this.#isWrite[item] === false;
  }

  /** From now on `a` is at or before `b`; if strict, before. False if that cannot be. */
  require(a: Item, b: Item, isStrict: boolean): boolean {
    if (a === b) return !isStrict;
    const edges = this.#after[a] as Edge[];
    if (edges.some(({ to, isStrict: has }) => to === b && (has || !isStrict))) return true;
    edges.push({ to: b, isStrict });
    this.#before[b]?.push(a);
    return this.#isConsistent(a, b);
  }

  #add(isWrite: boolean): Item {
    this.#isWrite.push(isWrite);
    this.#after.push([]);
    this.#before.push([]);
    return this.#isWrite.length - 1;
  }

  /** Whether the cycles through the new edge are no contradiction. */
  #isConsistent(a: Item, b: Item): boolean {
    if (this.#after[b]?.length === 0) return true;
    const above = reach(b, (item) => (this.#after[item] as Edge[]).map(({ to }) => to));
    if (!above.has(a)) return true;
    const below = reach(a, (item) => this.#before[item] as Item[]);
    const cycle = new Set([...above].filter((item) => below.has(item)));
    const writes = [...cycle].filter((item) => this.#isWrite[item]);
    const hasStrict = [...cycle].some((item) =>
      this.#after[item]?.some(({ to, isStrict }) => isStrict && cycle.has(to)),
    );
    return writes.length <= 1 && !hasStrict;
  }
}

function reach(from: Item, next: (item: Item) => readonly Item[]): Set<Item> {
  const seen = new Set([from]);
  for (const item of seen) for (const other of next(item)) seen.add(other);
  return seen;
}

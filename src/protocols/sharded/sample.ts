// With sync=NUMBER: the secondaries that have a write before it is acknowledged. First those that
// joined first; after each interval a random sample, which counts once it has caught up. Pure.
import type { NodeId } from '../../kernel/ids.ts';
import { randomBelow } from '../../kernel/random.ts';

export class Sample {
  readonly #size: number;
  #secondaries: readonly NodeId[] = [];
  #current: readonly NodeId[] = [];
  #next: { readonly ids: readonly NodeId[]; readonly from: number } | undefined;

  constructor(size: number) {
    this.#size = size;
  }

  /** The secondaries that serve, in the order of joining. Others do not count any more. */
  serve(secondaries: readonly NodeId[]): void {
    this.#secondaries = secondaries;
    const stay = this.#current.filter((id) => secondaries.includes(id));
    const others = secondaries.filter((id) => !stay.includes(id));
    this.#current = [...stay, ...others].slice(0, this.#size);
    if (this.#next?.ids.some((id) => !secondaries.includes(id)) === true) this.#next = undefined;
  }

  /** Draws the next sample. It has caught up when each of it has the entries up to `from`. */
  draw(random: () => number, from: number): void {
    const left = [...this.#secondaries];
    const ids: NodeId[] = [];
    while (ids.length < this.#size && left.length > 0) {
      ids.push(...left.splice(randomBelow(random, left.length), 1));
    }
    this.#next = { ids, from };
  }

  /** The secondaries that are sent each write at once. */
  get urgent(): readonly NodeId[] {
    return [...this.#current, ...(this.#next?.ids ?? [])];
  }

  /** The index up to which all of the sample have the entries; Infinity for an empty sample. */
  least(confirmedBy: (id: NodeId) => number): number {
    const next = this.#next;
    if (next?.ids.every((id) => confirmedBy(id) >= next.from) === true) {
      this.#current = next.ids;
      this.#next = undefined;
    }
    return Math.min(...this.#current.map(confirmedBy));
  }
}

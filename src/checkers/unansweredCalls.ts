// The unanswered calls of a search, by kind. Each may take effect at any time after its begin, or
// never, so those of one kind are interchangeable: they are only counted.
import type { CallList, Interval } from './callList.ts';

interface Unanswered extends Interval {
  readonly index: number;
  readonly kind: number;
}

export class UnansweredCalls {
  /** The kinds, in order of first begin. */
  readonly kinds: readonly number[];
  /** By position in `kinds`: how many were used. */
  readonly used: Uint32Array;
  /** By position in `kinds`: the calls, by begin. */
  readonly #calls: readonly (readonly Unanswered[])[];
  readonly #list: CallList;
  readonly #isOrdered: boolean;

  /** `calls` are sorted by begin. */
  constructor(calls: readonly Unanswered[], list: CallList) {
    const byKind = new Map<number, Unanswered[]>();
    for (const call of calls) {
      const alike = byKind.get(call.kind);
      if (alike === undefined) byKind.set(call.kind, [call]);
      else alike.push(call);
    }
    this.kinds = [...byKind.keys()];
    this.#calls = [...byKind.values()];
    this.used = new Uint32Array(this.kinds.length);
    this.#list = list;
    this.#isOrdered = calls.some(({ after }) => after >= 0);
  }

  /** The greatest number of calls of one kind. */
  get most(): number {
    return this.#calls.reduce((most, { length }) => Math.max(most, length), 0);
  }

  /** Whether one more of this kind can take effect before the first end of the list. */
  isAvailable(open: number): boolean {
    const calls = this.#calls[open] as readonly Unanswered[];
    const used = this.used[open] as number;
    if (used === calls.length) return false;
    const { end } = this.#list.at(this.#list.firstEnd());
    if (!this.#isOrdered) return (calls[used] as Unanswered).start <= end;
    let count = 0;
    for (const { start, after } of calls) {
      if (start > end) return false;
      if (after < 0 || this.#list.isCompleted(after)) count += 1;
      if (count > used) return true;
    }
    return false;
  }

  use(open: number): void {
    this.used[open] = (this.used[open] as number) + 1;
  }

  putBack(open: number): void {
    this.used[open] = (this.used[open] as number) - 1;
  }

  /** For telling them: each call of the function gives the index of the next one of a kind. */
  listUsed(): (open: number) => number {
    const told = new Uint32Array(this.kinds.length);
    return (open) => {
      const place = told[open] as number;
      told[open] = place + 1;
      return (this.#calls[open] as readonly Unanswered[])[place]?.index as number;
    };
  }
}

// Which operations of a history of sets each operation has certainly seen, as a vector clock for
// each: of every session a prefix. What an operation has seen, the later ones of its session have
// seen too. An operation without an answer is a session of its own, since the next one of its
// session need not have seen it.
import type { SetOperation } from './history.ts';
import { isPending, type Normalized } from './normalize.ts';

export class Visibility {
  readonly #isCausal: boolean;
  /** By operation: its session, its place there, and the operation before it or -1. */
  readonly #row: number[] = [];
  readonly #place: number[] = [];
  readonly #former: number[] = [];
  readonly #rows: number;
  readonly #clocks: Int32Array[];
  /** By operation, by session: the last operation that it has seen directly. */
  readonly #seen: Map<number, number>[];
  readonly #inTime: readonly number[];

  /** `isCausal`: who has seen an operation has also seen all that this one had seen. */
  constructor({ operations, starts, start }: Normalized<SetOperation>, isCausal: boolean) {
    this.#isCausal = isCausal;
    let rows = starts.length - 1;
    for (let session = 0; session + 1 < starts.length; session += 1) {
      let [former, place] = [-1, 0];
      for (let op = starts[session] as number; op < (starts[session + 1] as number); op += 1) {
        const isAlone = isPending(operations[op] as SetOperation);
        this.#row.push(isAlone ? rows : session);
        this.#place.push(isAlone ? 0 : place);
        this.#former.push(former);
        if (isAlone) rows += 1;
        else [former, place] = [op, place + 1];
      }
    }
    this.#rows = rows;
    this.#clocks = operations.map(() => new Int32Array(rows));
    this.#seen = operations.map(() => new Map());
    this.#inTime = [...operations.keys()].sort(
      (a, b) => (start[a] as number) - (start[b] as number),
    );
  }

  /** `op` has seen `other`. Counts from the next `close` on. */
  show(op: number, other: number): void {
    const [row, seen] = [this.#row[other] as number, this.#seen[op] as Map<number, number>];
    const known = seen.get(row);
    if (known === undefined || this.#placeOf(known) < this.#placeOf(other)) seen.set(row, other);
  }

  hasSeen(op: number, other: number): boolean {
    return this.#clockOf(op, this.#row[other] as number) > this.#placeOf(other);
  }

  isSameSession(op: number, other: number): boolean {
    return this.#row[op] === this.#row[other];
  }

  isBefore(op: number, later: number): boolean {
    return this.isSameSession(op, later) && this.#placeOf(op) < this.#placeOf(later);
  }

  /** Returns an operation that has seen itself, if there is one. */
  close(): number | undefined {
    for (let isChanged = true; isChanged; ) {
      isChanged = false;
      for (const op of this.#inTime) {
        if (this.#update(op)) isChanged = true;
        if (this.hasSeen(op, op)) return op;
      }
    }
    return undefined;
  }

  /** Returns whether something has changed. */
  #update(op: number): boolean {
    const clock = this.#clocks[op] as Int32Array;
    let isChanged = false;
    const raise = (row: number, count: number): void => {
      if ((clock[row] as number) >= count) return;
      clock[row] = count;
      isChanged = true;
    };
    const include = (other: number): void => {
      const of = this.#clocks[other] as Int32Array;
      for (let row = 0; row < this.#rows; row += 1) raise(row, of[row] as number);
    };
    const raiseTo = (other: number): void => {
      if (other >= 0) raise(this.#row[other] as number, this.#placeOf(other) + 1);
    };
    const former = this.#former[op] as number;
    if (former >= 0) include(former);
    raiseTo(former);
    for (const [row, other] of this.#seen[op] as Map<number, number>) {
      raise(row, this.#placeOf(other) + 1);
      if (this.#isCausal) include(other);
      else raiseTo(this.#former[other] as number);
    }
    return isChanged;
  }

  #placeOf(op: number): number {
    return this.#place[op] as number;
  }

  #clockOf(op: number, row: number): number {
    return (this.#clocks[op] as Int32Array)[row] as number;
  }
}

// What one session knows, as vector clocks, while reads of it force more order on the writes. The
// operations enter in the order in which the session learns of them. So what a read forces spreads
// only among those that the session knew then; later ones start from what has spread.

import { join, previous } from './causalPast.ts';
import { at, type HistoryTable } from './historyTable.ts';
import type { WritesByKey } from './writesByKey.ts';

/** What the pasts of all sessions share. */
export interface Shared {
  readonly table: HistoryTable;
  readonly index: WritesByKey;
  readonly followers: Followers;
  /** Space for the clocks of one session at a time: a row for each operation. */
  readonly clocks: Int32Array;
}

/** `followers` of `op` are from `starts[op]` to before `starts[op + 1]`. */
interface Followers {
  readonly starts: Int32Array;
  /** The reads of a write, then the unanswered writes that come after an operation. */
  readonly sorted: Int32Array;
}

export function share(table: HistoryTable, index: WritesByKey): Shared {
  const clocks = new Int32Array(table.from.length * table.sessionOrderCount);
  return { table, index, followers: findFollowers(table), clocks };
}

export class SessionPast {
  /** As in `CausalPast`, with the forced order; a row counts once its operation has entered. */
  readonly clocks: Int32Array;
  readonly #table: HistoryTable;
  readonly #followers: Followers;
  /** The session whose reads count; undefined if all reads count. */
  readonly #heardBy: number | undefined;
  /** By session order: how many of its operations have entered. */
  readonly #members: Int32Array;
  /** By operation: the writes that come after it by force. */
  readonly #forced = new Map<number, number[]>();

  /** The session orders and the reads that count must have no cycle. */
  constructor({ table, followers, clocks }: Shared, heardBy: number | undefined) {
    this.#table = table;
    this.#followers = followers;
    this.clocks = clocks;
    this.#heardBy = heardBy;
    this.#members = new Int32Array(table.sessionOrderCount);
  }

  /** Lets an operation enter, after all that comes before it. */
  admit(op: number): void {
    const { sessionOrder, starts } = this.#table;
    const waiting = [op];
    while (waiting.length > 0) {
      const target = waiting[waiting.length - 1] as number;
      const c = at(sessionOrder, target);
      const next = at(starts, c) + at(this.#members, c);
      if (next > target) {
        waiting.pop();
        continue;
      }
      const [before, source] = [previous(this.#table, next), this.sourceOf(next)];
      if (before >= 0 && !this.isMember(before)) waiting.push(before);
      else if (source >= 0 && !this.isMember(source)) waiting.push(source);
      else this.#enter(next, before, source);
    }
  }

  #enter(op: number, before: number, source: number): void {
    const { sessionOrder, sessionOrderCount: width } = this.#table;
    const clocks = this.clocks;
    const row = op * width;
    if (before < 0) clocks.fill(0, row, row + width);
    else clocks.copyWithin(row, before * width, before * width + width);
    if (source >= 0) join(clocks, row, source * width, width);
    const own = at(sessionOrder, op);
    const count = at(this.#members, own) + 1;
    clocks[row + own] = count;
    this.#members[own] = count;
  }

  /** The write that `op` has read, if that read counts; otherwise below 0. */
  sourceOf(op: number): number {
    const source = at(this.#table.from, op);
    const isHeard =
      this.#heardBy === undefined || at(this.#table.sessionOrder, op) === this.#heardBy;
    return isHeard && source !== op ? source : -1;
  }

  /** Puts a member before another. Calls back for each operation whose past has grown. */
  force(earlier: number, later: number, onGrowth: (op: number) => void): void {
    const known = this.#forced.get(earlier);
    if (known === undefined) this.#forced.set(earlier, [later]);
    else known.push(later);
    this.#spread(earlier, later, onGrowth);
  }

  /** Adds the past of `earlier` to `later` and to all members after `later`. */
  #spread(earlier: number, later: number, onGrowth: (op: number) => void): void {
    const { sessionOrderCount: width, starts, sessionOrder } = this.#table;
    const { starts: first, sorted } = this.#followers;
    const waiting = [earlier, later];
    while (waiting.length > 0) {
      const target = waiting.pop() as number;
      const source = waiting.pop() as number;
      if (!join(this.clocks, target * width, source * width, width)) continue;
      onGrowth(target);
      for (let place = at(first, target); place < at(first, target + 1); place += 1) {
        const next = at(sorted, place);
        if (this.isMember(next) && this.#isAfter(next, target)) waiting.push(target, next);
      }
      for (const next of this.#forced.get(target) ?? []) waiting.push(target, next);
      const c = at(sessionOrder, target);
      if (target + 1 < at(starts, c) + at(this.#members, c)) waiting.push(target, target + 1);
    }
  }

  /** Whether a follower of `op` comes after it here: it is no read, or one that counts. */
  #isAfter(follower: number, op: number): boolean {
    return at(this.#table.from, follower) !== op || this.sourceOf(follower) === op;
  }

  isMember(op: number): boolean {
    const sessionOrder = at(this.#table.sessionOrder, op);
    return op - at(this.#table.starts, sessionOrder) < at(this.#members, sessionOrder);
  }
}

function findFollowers(table: HistoryTable): Followers {
  const { from, sessionCount, sessionOrderCount, parent, starts: orders } = table;
  const each = (follow: (op: number, follower: number) => void): void => {
    for (let op = 0; op < from.length; op += 1) {
      if (at(from, op) >= 0 && at(from, op) !== op) follow(at(from, op), op);
    }
    for (let c = sessionCount; c < sessionOrderCount; c += 1) {
      if (at(parent, c) >= 0) follow(at(parent, c), at(orders, c));
    }
  };
  const starts = new Int32Array(from.length + 1);
  each((op) => {
    starts[op + 1] = at(starts, op + 1) + 1;
  });
  for (let op = 0; op < from.length; op += 1) starts[op + 1] = at(starts, op + 1) + at(starts, op);
  const next = starts.slice();
  const sorted = new Int32Array(at(starts, from.length));
  each((op, follower) => {
    const place = at(next, op);
    sorted[place] = follower;
    next[op] = place + 1;
  });
  return { starts, sorted };
}

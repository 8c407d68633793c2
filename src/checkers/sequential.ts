// Decides sequential consistency (Lamport, IEEE ToC 1979): one order of all operations that keeps
// the order of every session, and in which each read returns the last write of its key. The problem
// is NP-complete even if the source of every read is known (Gibbons & Korach, SIAM J. Comput. 1997,
// section 3), so this is a search with a budget. A read in doubt is compared by its text.
import { at, type HistoryTable } from './historyTable.ts';
import { isPending } from './normalize.ts';
import { INITIAL, OPEN } from './readsFrom.ts';
import { tellStuck, type Wait } from './sequentialWitness.ts';
import { writtenValue } from './valueIndex.ts';
import { HOLDS, type Judgement, undecided } from './verdict.ts';

/** How many states the search may store. */
export const SEQUENTIAL_BUDGET = 200_000;

/** Judge CM and CCv first: their violations break this level too, and are found faster. */
export function searchSequential(
  table: HistoryTable,
  budget: number = SEQUENTIAL_BUDGET,
): Judgement {
  return new Search(table).run(budget);
}

type Operation = HistoryTable['operations'][number];

/** A choice of the next write, and how many operations were placed before it. */
interface Frame {
  readonly sessionOrders: number[];
  readonly done: number;
}

class Search {
  readonly #table: HistoryTable;
  /** By session order: its next operation. */
  readonly #next: Int32Array;
  /** By key: what it holds, which is the last write or `size + key` for its initial value. */
  readonly #store: Int32Array;
  /** By held write or initial value: how many reads of it remain that are not in doubt. */
  readonly #unread: Int32Array;
  /** By write, read and initial value: a number for key and text; all 0 if no read is in doubt. */
  readonly #text: Int32Array;
  /** By text number: how many reads in doubt remain. */
  readonly #wanted: Int32Array;
  /** By key: 1 if it holds an unanswered write that no read has returned yet. */
  readonly #isIdle: Uint8Array;
  readonly #isDone: Uint8Array;
  /** How many answered operations remain. */
  #left = 0;
  /** The operations placed so far, in order, and for each the former state of its key. */
  readonly #done: number[] = [];
  readonly #storeBefore: number[] = [];
  readonly #idleBefore: number[] = [];
  readonly #seen = new Set<string>();
  #farthest = -1;
  #waits: Wait[] = [];

  constructor(table: HistoryTable) {
    const { starts, sessionOrderCount, keyCount, from, isWrite } = table;
    const size = from.length;
    this.#table = table;
    this.#next = starts.slice(0, sessionOrderCount);
    this.#store = Int32Array.from({ length: keyCount }, (_, key) => size + key);
    this.#isDone = new Uint8Array(size);
    this.#isIdle = new Uint8Array(keyCount);
    this.#unread = new Int32Array(size + keyCount);
    this.#text = from.includes(OPEN) ? numberTexts(table) : new Int32Array(size + keyCount);
    this.#wanted = new Int32Array(this.#text.length);
    for (let op = 0; op < size; op += 1) {
      if (at(isWrite, op) === 0) this.#await(op, 1);
      if (!this.#isOptional(op)) this.#left += 1;
    }
  }

  run(budget: number): Judgement {
    const frames: Frame[] = [];
    this.#read();
    for (;;) {
      if (this.#left === 0) return HOLDS;
      if (this.#isNew()) frames.push({ sessionOrders: this.#choices(), done: this.#done.length });
      if (this.#seen.size > budget) return undecided(`the search gave up after ${budget} states`);
      let frame = frames.at(-1);
      while (frame !== undefined && frame.sessionOrders.length === 0) {
        frames.pop();
        frame = frames.at(-1);
      }
      if (frame === undefined) return tellStuck(this.#table, this.#waits);
      while (this.#done.length > frame.done) this.#undo();
      this.#do(at(this.#next, frame.sessionOrders.pop() as number));
      this.#read();
    }
  }

  /** Places reads as soon as they fit. They change nothing, so this loses no solution. */
  #read(): void {
    const { isWrite, starts, sessionOrderCount } = this.#table;
    for (let hasRead = true; hasRead; ) {
      hasRead = false;
      for (let sessionOrder = 0; sessionOrder < sessionOrderCount; sessionOrder += 1) {
        for (let op = at(this.#next, sessionOrder); op < at(starts, sessionOrder + 1); op += 1) {
          if (at(isWrite, op) === 1 || !this.#fits(op)) break;
          this.#do(op);
          hasRead = true;
        }
      }
    }
  }

  #fits(read: number): boolean {
    const { from, key } = this.#table;
    const held = at(this.#store, at(key, read));
    return at(from, read) === OPEN
      ? at(this.#text, held) === at(this.#text, read)
      : this.#sourceOf(read) === held;
  }

  /** The source of a read that is not in doubt, numbered as in `#store`. */
  #sourceOf(read: number): number {
    const { from, key } = this.#table;
    const source = at(from, read);
    return source === INITIAL ? from.length + at(key, read) : source;
  }

  /** Session orders whose next operation is a write that fits now. The last is tried first. */
  #choices(): number[] {
    const { starts, sessionOrderCount, isWrite, parent, operations } = this.#table;
    const sessionOrders: number[] = [];
    const waits: (() => Wait)[] = [];
    const offered = new Set<number>();
    for (let sessionOrder = 0; sessionOrder < sessionOrderCount; sessionOrder += 1) {
      const op = at(this.#next, sessionOrder);
      if (op === at(starts, sessionOrder + 1)) continue;
      const after = op === at(starts, sessionOrder) ? at(parent, sessionOrder) : -1;
      if (after >= 0 && at(this.#isDone, after) === 0) {
        waits.push(() => ({ op, awaited: after }));
      } else if (at(isWrite, op) === 0 || !this.#isFree(op)) {
        waits.push(() => this.#waitOf(op));
      } else if (this.#isUseful(op, offered)) {
        sessionOrders.push(sessionOrder);
      }
    }
    if (this.#done.length > this.#farthest && sessionOrders.length === 0) {
      this.#farthest = this.#done.length;
      this.#waits = waits.map((wait) => wait()).filter(({ awaited }) => awaited >= 0);
    }
    const rank = (sessionOrder: number): number => {
      const op = at(this.#next, sessionOrder);
      return this.#isOptional(op) ? Infinity : (operations[op] as Operation).invokedAt;
    };
    return sessionOrders.sort((a, b) => rank(b) - rank(a) || b - a);
  }

  /**
   * Whether the key may be overwritten. A value with remaining reads must stay, since it does not
   * come back. An unanswered write without a read need not have happened, so it is not overwritten
   * either.
   */
  #isFree(write: number): boolean {
    const key = at(this.#table.key, write);
    return at(this.#unread, at(this.#store, key)) === 0 && at(this.#isIdle, key) === 0;
  }

  /** False for an unanswered write that no read can return, or whose text is `offered` already. */
  #isUseful(write: number, offered: Set<number>): boolean {
    if (!this.#isOptional(write) || at(this.#unread, write) > 0) return true;
    const text = at(this.#text, write);
    if (at(this.#wanted, text) === 0 || offered.has(text)) return false;
    offered.add(text);
    return true;
  }

  #isOptional(op: number): boolean {
    return isPending(this.#table.operations[op] as Operation);
  }

  /** A read waits for its write; a write waits for a read of the value that it would overwrite. */
  #waitOf(op: number): Wait {
    const { isWrite, key, from } = this.#table;
    const isLeft = (other: number): boolean =>
      at(key, other) === at(key, op) && at(this.#isDone, other) === 0;
    if (at(isWrite, op) === 1) {
      const held = at(this.#store, at(key, op));
      const isReader = (read: number): boolean =>
        at(isWrite, read) === 0 &&
        (at(from, read) === OPEN
          ? at(this.#text, read) === at(this.#text, held)
          : this.#sourceOf(read) === held);
      return { op, awaited: from.findIndex((_from, read) => isLeft(read) && isReader(read)) };
    }
    if (at(from, op) !== OPEN) return { op, awaited: at(from, op) };
    const isWriter = (write: number): boolean =>
      at(isWrite, write) === 1 && at(this.#text, write) === at(this.#text, op);
    const awaited = from.findIndex((_from, write) => isLeft(write) && isWriter(write));
    // All writes of this text are placed already, so one was overwritten too early.
    return awaited < 0 ? { op: at(this.#store, at(key, op)), awaited: op } : { op, awaited };
  }

  /**
   * The memo key: the position in every session order, and the values that still have reads. Other
   * values do not affect the future.
   */
  #isNew(): boolean {
    let name = this.#next.join(',');
    for (const [key, held] of this.#store.entries()) {
      if (at(this.#unread, held) > 0) name += `;${held}`;
      else if (at(this.#wanted, at(this.#text, held)) > 0) name += `;=${at(this.#text, held)}`;
      if (at(this.#isIdle, key) === 1) name += `?${key}`;
    }
    const size = this.#seen.size;
    return this.#seen.add(name).size > size;
  }

  #do(op: number): void {
    const { isWrite, key, sessionOrder } = this.#table;
    const k = at(key, op);
    this.#done.push(op);
    this.#storeBefore.push(at(this.#store, k));
    this.#idleBefore.push(at(this.#isIdle, k));
    this.#isDone[op] = 1;
    this.#next[at(sessionOrder, op)] = op + 1;
    if (!this.#isOptional(op)) this.#left -= 1;
    if (at(isWrite, op) === 1) this.#store[k] = op;
    else this.#await(op, -1);
    this.#isIdle[k] = this.#isOptional(op) ? 1 : 0;
  }

  #undo(): void {
    const { isWrite, key, sessionOrder } = this.#table;
    const op = this.#done.pop() as number;
    const k = at(key, op);
    this.#store[k] = this.#storeBefore.pop() as number;
    this.#isIdle[k] = this.#idleBefore.pop() as number;
    this.#isDone[op] = 0;
    this.#next[at(sessionOrder, op)] = op;
    if (!this.#isOptional(op)) this.#left += 1;
    if (at(isWrite, op) === 0) this.#await(op, 1);
  }

  #await(read: number, count: number): void {
    if (at(this.#table.from, read) === OPEN) {
      const text = at(this.#text, read);
      this.#wanted[text] = at(this.#wanted, text) + count;
    } else {
      const source = this.#sourceOf(read);
      this.#unread[source] = at(this.#unread, source) + count;
    }
  }
}

/** By operation, then by key for its initial value: a number for key and text. */
function numberTexts({ operations, isWrite, key, keyCount }: HistoryTable): Int32Array {
  const numbers = new Map<string, number>();
  const numberOf = (k: number, text: string | null): number => {
    const name = JSON.stringify([k, text]);
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    return number;
  };
  const texts = new Int32Array(operations.length + keyCount);
  for (const [op, operation] of operations.entries()) {
    const text = at(isWrite, op) === 1 ? writtenValue(operation) : operation.value;
    texts[op] = numberOf(at(key, op), text);
  }
  for (let k = 0; k < keyCount; k += 1) texts[operations.length + k] = numberOf(k, null);
  return texts;
}

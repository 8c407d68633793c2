// Sequential consistency (Lamport, IEEE ToC 1979): one order of all operations that keeps every
// session's own and in which each read gives the last write of its key. To decide it is NP-complete
// even where every read says what it has read (Gibbons & Korach, SIAM J. Comput. 1997, section 3),
// so this is a search with a budget. A read in doubt is compared by its text.
import { isPending } from './gather.ts';
import { at, type Model } from './model.ts';
import { INITIAL, OPEN } from './readsFrom.ts';
import { writtenValue } from './valueIndex.ts';
import { broken, HOLDS, type Judgement, undecided } from './verdict.ts';
import { tell } from './words.ts';

/** How many states may be remembered. */
export const SEQUENTIAL_BUDGET = 200_000;

/** What breaks CM or CCv breaks this as well, and is found faster there. */
export function searchSequential(model: Model, budget: number = SEQUENTIAL_BUDGET): Judgement {
  return new Search(model).run(budget);
}

type Operation = Model['operations'][number];

/** The next operation of a chain cannot come before another one that is not done. */
interface Wait {
  readonly op: number;
  readonly awaited: number;
}

/** A choice of the next write, and how much had been done before it. */
interface Frame {
  readonly chains: number[];
  readonly done: number;
}

class Search {
  readonly #model: Model;
  /** By chain: the next operation. */
  readonly #next: Int32Array;
  /** By key: what it holds, the last write or, numbered after them, its initial value. */
  readonly #store: Int32Array;
  /** By what a key may hold: reads that have certainly read it and are still to come. */
  readonly #unread: Int32Array;
  /** By operation and initial value: a number for key and text; all 0 if no read is in doubt. */
  readonly #text: Int32Array;
  /** By such a number: reads in doubt that are still to come. */
  readonly #wanted: Int32Array;
  /** By key: whether it holds what an unanswered write left, and no read has found that yet. */
  readonly #isIdle: Uint8Array;
  readonly #isDone: Uint8Array;
  /** How many answered operations are still to come. */
  #left = 0;
  /** What was done, in order, and what the key of each was like before. */
  readonly #done: number[] = [];
  readonly #storeBefore: number[] = [];
  readonly #idleBefore: number[] = [];
  readonly #seen = new Set<string>();
  #farthest = -1;
  #waits: Wait[] = [];

  constructor(model: Model) {
    const { starts, chainCount, keyCount, from, isWrite } = model;
    const size = from.length;
    this.#model = model;
    this.#next = starts.slice(0, chainCount);
    this.#store = Int32Array.from({ length: keyCount }, (_, key) => size + key);
    this.#isDone = new Uint8Array(size);
    this.#isIdle = new Uint8Array(keyCount);
    this.#unread = new Int32Array(size + keyCount);
    this.#text = from.includes(OPEN) ? numberTexts(model) : new Int32Array(size + keyCount);
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
      if (this.#isNew()) frames.push({ chains: this.#choices(), done: this.#done.length });
      if (this.#seen.size > budget) return undecided(`the search gave up after ${budget} states`);
      let frame = frames.at(-1);
      while (frame !== undefined && frame.chains.length === 0) {
        frames.pop();
        frame = frames.at(-1);
      }
      if (frame === undefined) return this.#stuck();
      while (this.#done.length > frame.done) this.#undo();
      this.#do(at(this.#next, frame.chains.pop() as number));
      this.#read();
    }
  }

  /** Reads that fit are done at once: they change nothing, so it can only help. */
  #read(): void {
    const { isWrite, starts, chainCount } = this.#model;
    for (let hasRead = true; hasRead; ) {
      hasRead = false;
      for (let chain = 0; chain < chainCount; chain += 1) {
        for (let op = at(this.#next, chain); op < at(starts, chain + 1); op += 1) {
          if (at(isWrite, op) === 1 || !this.#fits(op)) break;
          this.#do(op);
          hasRead = true;
        }
      }
    }
  }

  #fits(read: number): boolean {
    const { from, key } = this.#model;
    const held = at(this.#store, at(key, read));
    return at(from, read) === OPEN
      ? at(this.#text, held) === at(this.#text, read)
      : this.#sourceOf(read) === held;
  }

  /** What a read that is not in doubt has read, numbered as in the store. */
  #sourceOf(read: number): number {
    const { from, key } = this.#model;
    const source = at(from, read);
    return source === INITIAL ? from.length + at(key, read) : source;
  }

  /** Chains whose next operation is a write that may come now, the one that is tried first last. */
  #choices(): number[] {
    const { starts, chainCount, isWrite, parent, operations } = this.#model;
    const chains: number[] = [];
    const waits: Wait[] = [];
    const offered = new Set<number>();
    for (let chain = 0; chain < chainCount; chain += 1) {
      const op = at(this.#next, chain);
      if (op === at(starts, chain + 1)) continue;
      const after = op === at(starts, chain) ? at(parent, chain) : -1;
      if (after >= 0 && at(this.#isDone, after) === 0) {
        waits.push({ op, awaited: after });
      } else if (at(isWrite, op) === 0 || !this.#isFree(op)) {
        waits.push(this.#waitOf(op));
      } else if (this.#isUseful(op, offered)) {
        chains.push(chain);
      }
    }
    if (this.#done.length > this.#farthest && chains.length === 0) {
      this.#farthest = this.#done.length;
      this.#waits = waits.filter(({ awaited }) => awaited >= 0);
    }
    const rank = (chain: number): number => {
      const op = at(this.#next, chain);
      return this.#isOptional(op) ? Infinity : (operations[op] as Operation).invokedAt;
    };
    return chains.sort((a, b) => rank(b) - rank(a) || b - a);
  }

  /**
   * A value that is still to be read must not be overwritten: it does not come back. An unanswered
   * write that no read finds need not have happened.
   */
  #isFree(write: number): boolean {
    const key = at(this.#model.key, write);
    return at(this.#unread, at(this.#store, key)) === 0 && at(this.#isIdle, key) === 0;
  }

  /** Whether an unanswered write may yet be read, and is not like one that is `offered`. */
  #isUseful(write: number, offered: Set<number>): boolean {
    if (!this.#isOptional(write) || at(this.#unread, write) > 0) return true;
    const text = at(this.#text, write);
    if (at(this.#wanted, text) === 0 || offered.has(text)) return false;
    offered.add(text);
    return true;
  }

  #isOptional(op: number): boolean {
    return isPending(this.#model.operations[op] as Operation);
  }

  /** A read waits for its write; a write for a read of what it would overwrite. */
  #waitOf(op: number): Wait {
    const { isWrite, key, from } = this.#model;
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
    // There was such a text, and it was overwritten too early.
    return awaited < 0 ? { op: at(this.#store, at(key, op)), awaited: op } : { op, awaited };
  }

  /**
   * Where every chain stands, and the values that are still to be read: the others do not matter.
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
    const { isWrite, key, chain } = this.#model;
    const k = at(key, op);
    this.#done.push(op);
    this.#storeBefore.push(at(this.#store, k));
    this.#idleBefore.push(at(this.#isIdle, k));
    this.#isDone[op] = 1;
    this.#next[at(chain, op)] = op + 1;
    if (!this.#isOptional(op)) this.#left -= 1;
    if (at(isWrite, op) === 1) this.#store[k] = op;
    else this.#await(op, -1);
    this.#isIdle[k] = this.#isOptional(op) ? 1 : 0;
  }

  #undo(): void {
    const { isWrite, key, chain } = this.#model;
    const op = this.#done.pop() as number;
    const k = at(key, op);
    this.#store[k] = this.#storeBefore.pop() as number;
    this.#isIdle[k] = this.#idleBefore.pop() as number;
    this.#isDone[op] = 0;
    this.#next[at(chain, op)] = op;
    if (!this.#isOptional(op)) this.#left += 1;
    if (at(isWrite, op) === 0) this.#await(op, 1);
  }

  #await(read: number, count: number): void {
    if (at(this.#model.from, read) === OPEN) {
      const text = at(this.#text, read);
      this.#wanted[text] = at(this.#wanted, text) + count;
    } else {
      const source = this.#sourceOf(read);
      this.#unread[source] = at(this.#unread, source) + count;
    }
  }

  /** Everybody waits: those who wait for each other in a circle show why. */
  #stuck(): Judgement {
    const circle = this.#circleOfWaits();
    const shown = circle.slice(0, 2).flatMap(({ op, awaited }) => [op, awaited]);
    const told = circle.slice(0, 2).map(({ op, awaited }) => {
      const [waiting, other] = [this.#operation(op), this.#operation(awaited)];
      return `${tell(waiting)} only after ${tell(other)}`;
    });
    const more = circle.length > 2 ? `, and so on in a circle of ${circle.length}` : '';
    return broken(
      'NoSequentialOrder',
      [...new Set(shown)].map((op) => this.#operation(op)),
      `No one order of all operations suits everybody; in the longest that fits ` +
        `${told.join(', and ')}${more}, which the clients' own orders forbid.`,
    );
  }

  #circleOfWaits(): Wait[] {
    const { chain } = this.#model;
    const waitOf = new Map(this.#waits.map((wait) => [at(chain, wait.op), wait]));
    const walked: Wait[] = [];
    let [wait] = this.#waits;
    while (wait !== undefined && !walked.includes(wait)) {
      walked.push(wait);
      wait = waitOf.get(at(chain, wait.awaited));
    }
    return wait === undefined ? walked : walked.slice(walked.indexOf(wait));
  }

  #operation(op: number): Operation {
    return this.#model.operations[op] as Operation;
  }
}

/** By operation and, after these, by key for its initial value: a number for key and text. */
function numberTexts({ operations, isWrite, key, keyCount }: Model): Int32Array {
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

// Sequential consistency (Lamport, IEEE ToC 1979): one order of all operations that keeps every
// session's own and in which each read gives the last write of its key. To decide it is NP-complete
// even where every read says what it has read (Gibbons & Korach, SIAM J. Comput. 1997, section 3),
// so this is a search with a budget.
import { listed } from './causalWitness.ts';
import { at, type Model } from './model.ts';
import { INITIAL } from './readsFrom.ts';
import { broken, HOLDS, type Judgement, undecided } from './verdict.ts';
import { tell } from './words.ts';

/** How many states may be remembered. */
export const SEQUENTIAL_BUDGET = 200_000;

/**
 * For histories that are CC; what breaks CM or CCv breaks this as well, and is found faster there.
 */
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
  /** By key: the last write, or INITIAL. */
  readonly #store: Int32Array;
  /** By write: reads of it that are still to come; the initial values of keys follow. */
  readonly #unread: Int32Array;
  readonly #isDone: Uint8Array;
  /** What was done, in order, and for writes what they have overwritten. */
  readonly #done: number[] = [];
  readonly #overwritten: number[] = [];
  readonly #seen = new Set<string>();
  #farthest = -1;
  #waits: Wait[] = [];

  constructor(model: Model) {
    const { starts, chainCount, keyCount, from, isWrite } = model;
    this.#model = model;
    this.#next = starts.slice(0, chainCount);
    this.#store = new Int32Array(keyCount).fill(INITIAL);
    this.#isDone = new Uint8Array(from.length);
    this.#unread = new Int32Array(from.length + keyCount);
    for (let op = 0; op < from.length; op += 1) {
      if (at(isWrite, op) === 0) this.#addUnread(op, 1);
    }
  }

  run(budget: number): Judgement {
    const frames: Frame[] = [];
    this.#read();
    for (;;) {
      if (this.#done.length === this.#model.from.length) return HOLDS;
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
    const { isWrite, from, key, starts, chainCount } = this.#model;
    for (let hasRead = true; hasRead; ) {
      hasRead = false;
      for (let chain = 0; chain < chainCount; chain += 1) {
        for (let op = at(this.#next, chain); op < at(starts, chain + 1); op += 1) {
          if (at(isWrite, op) === 1 || at(this.#store, at(key, op)) !== at(from, op)) break;
          this.#do(op);
          hasRead = true;
        }
      }
    }
  }

  /** Chains whose next operation is a write that may come now, the one that began first last. */
  #choices(): number[] {
    const { starts, chainCount, isWrite, key, parent, operations } = this.#model;
    const chains: number[] = [];
    const waits: Wait[] = [];
    for (let chain = 0; chain < chainCount; chain += 1) {
      const op = at(this.#next, chain);
      if (op === at(starts, chain + 1)) continue;
      const after = op === at(starts, chain) ? at(parent, chain) : -1;
      if (after >= 0 && at(this.#isDone, after) === 0) {
        waits.push({ op, awaited: after });
        continue;
      }
      // A value that is still to be read must not be overwritten: it does not come back.
      const isFree =
        at(isWrite, op) === 1 && this.#unreadOf(at(this.#store, at(key, op)), op) === 0;
      if (isFree) chains.push(chain);
      else waits.push({ op, awaited: this.#awaitedBy(op) });
    }
    if (this.#done.length > this.#farthest && chains.length === 0) {
      this.#farthest = this.#done.length;
      this.#waits = waits;
    }
    const begin = (chain: number): number => operations[at(this.#next, chain)]?.invokedAt ?? 0;
    return chains.sort((a, b) => begin(b) - begin(a));
  }

  /** A read waits for its write; a write for a read of what it would overwrite. */
  #awaitedBy(op: number): number {
    const { isWrite, key, from } = this.#model;
    if (at(isWrite, op) === 0) return at(from, op);
    const value = at(this.#store, at(key, op));
    const isOpen = (read: number): boolean =>
      at(key, read) === at(key, op) && at(isWrite, read) === 0 && at(this.#isDone, read) === 0;
    return from.findIndex((source, read) => source === value && isOpen(read));
  }

  /**
   * Where every chain stands, and the values that are still to be read: the others do not matter.
   */
  #isNew(): boolean {
    const { keyCount, from } = this.#model;
    let name = this.#next.join(',');
    for (let key = 0; key < keyCount; key += 1) {
      const value = at(this.#store, key);
      if (value >= 0 && at(this.#unread, value) > 0) name += `;${value}`;
      if (value === INITIAL && at(this.#unread, from.length + key) > 0) name += `;-${key}`;
    }
    const size = this.#seen.size;
    return this.#seen.add(name).size > size;
  }

  #do(op: number): void {
    const { isWrite, key, chain } = this.#model;
    const store = at(this.#store, at(key, op));
    this.#done.push(op);
    this.#overwritten.push(store);
    this.#isDone[op] = 1;
    this.#next[at(chain, op)] = op + 1;
    if (at(isWrite, op) === 1) this.#store[at(key, op)] = op;
    else this.#addUnread(op, -1);
  }

  #undo(): void {
    const { isWrite, key, chain } = this.#model;
    const op = this.#done.pop() as number;
    const store = this.#overwritten.pop() as number;
    this.#isDone[op] = 0;
    this.#next[at(chain, op)] = op;
    if (at(isWrite, op) === 1) this.#store[at(key, op)] = store;
    else this.#addUnread(op, 1);
  }

  #addUnread(read: number, count: number): void {
    const { from, key } = this.#model;
    const source = at(from, read);
    const place = source === INITIAL ? from.length + at(key, read) : source;
    this.#unread[place] = at(this.#unread, place) + count;
  }

  #unreadOf(value: number, op: number): number {
    const { from, key } = this.#model;
    return at(this.#unread, value === INITIAL ? from.length + at(key, op) : value);
  }

  /** Everybody waits: those who wait for each other in a circle show why. */
  #stuck(): Judgement {
    const circle = this.#circleOfWaits();
    const shown = circle.flatMap(({ op, awaited }) => [op, awaited]);
    const told = circle.map(({ op, awaited }) => {
      const [waiting, other] = [this.#operation(op), this.#operation(awaited)];
      return `${tell(waiting)} only after ${tell(other)}`;
    });
    return broken(
      'NoSequentialOrder',
      [...new Set(shown)].map((op) => this.#operation(op)),
      `No one order of all operations suits every client; in the longest that fits ` +
        `${listed(told, ', and ')}, which the clients' own orders forbid.`,
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

// Linearizability of any type: Wing and Gong, "Testing and Verifying Concurrent Objects" (JPDC
// 1993), with the memo of Lowe, "Testing for linearizability" (CCPE 2017). The problem is
// NP-complete, so there is a budget. What keeps the search small:
//
// S1: a call that changes nothing is taken as soon as it fits, without an alternative.
// S2: of candidates of one kind, only the one that ends first is tried.
// S3: unanswered calls of one kind are interchangeable. Only how many were used counts, and using
//     fewer is never worse (`configurations.ts`).
// S4: an unanswered call is used only for a call that depends on it: never one without an effect,
//     and none that the next call overwrites without reading.
// S5: an unanswered call that sets the state is not used where an unanswered call with a condition
//     leads to the same state. It can be used anywhere later, the other one perhaps only here.
import { CallList, type Interval } from './callList.ts';
import { Configurations } from './configurations.ts';
import { Meter } from './meter.ts';
import type { SequentialSpecification } from './specification.ts';
import { Transitions } from './transitions.ts';
import { UnansweredCalls } from './unansweredCalls.ts';

export interface TimedCall<Call> {
  readonly call: Call;
  readonly start: number;
  /** Infinity if no answer came: then the call may have had no effect, or one at any later time. */
  readonly end: number;
  /** The index of an answered call that must be taken before this one, whatever their times. */
  readonly after?: number;
}

export type SearchResult =
  | {
      readonly outcome: 'holds';
      /** A valid order, without the unanswered calls that it does not need. */
      readonly order: readonly number[];
    }
  | { readonly outcome: 'undecided' }
  | {
      readonly outcome: 'broken';
      /** The call at whose end no valid order exists any more. */
      readonly culprit: number;
      /** The longest linearizable prefix, just before that end, in a valid order. */
      readonly prefix: readonly number[];
    };

/**
 * Returns `undecided` if more configurations were stored than `budget` says or `meter` has left, or
 * too many states.
 */
export function linearize<State, Call>(
  type: SequentialSpecification<State, Call>,
  calls: readonly TimedCall<Call>[],
  budget: number,
  meter?: Meter,
): SearchResult {
  const transitions = new Transitions(type);
  const kinds = calls.map(({ call }) => transitions.kindOf(call));
  return linearizeKinds(transitions, calls, kinds, budget, meter);
}

/** As `linearize`, for calls whose kinds are known: several searches may share the transitions. */
export function linearizeKinds(
  transitions: Steps,
  calls: readonly Timed[],
  kinds: readonly number[],
  budget: number,
  meter: Meter = new Meter(),
): SearchResult {
  const search = new Search(transitions, calls, kinds);
  const found = search.run(Math.min(budget, meter.left));
  meter.spend(search.size);
  return found;
}

type Timed = Omit<TimedCall<unknown>, 'call'>;
type Steps = Pick<Transitions<unknown, unknown>, 'initial' | 'effectOf' | 'step' | 'isFull'>;

class Search {
  readonly #transitions: Steps;
  readonly #list: CallList;
  readonly #unanswered: UnansweredCalls;
  readonly #seen: Configurations;
  /** By place: the index of the call, and its kind. */
  readonly #order: Uint32Array;
  readonly #kinds: Uint32Array;
  /** Whether some call has to follow another one whatever their times. */
  readonly #isOrdered: boolean;
  #state: number;
  /** Whether unanswered calls left this state, and no answered one has depended on it yet. */
  #isIdle = false;
  /** The moves so far: a place, or `count` and the number of a kind of unanswered calls. */
  readonly #moves: number[] = [];
  /** By move: the state before it and, in the lowest bits, whether it was idle, and S1. */
  readonly #before: number[] = [];
  #culprit = -1;
  #culpritEnd = Number.NEGATIVE_INFINITY;
  #prefix: number[] = [];

  constructor(transitions: Steps, calls: readonly Timed[], kinds: readonly number[]) {
    const { answered, open } = sortCalls(calls);
    const kindOf = (index: number): number => kinds[index] as number;
    const places = new Int32Array(calls.length).fill(-1);
    for (let place = 0; place < answered.length; place += 1) {
      places[answered[place] as number] = place;
    }
    const intervalOf = (index: number): Interval => {
      const { start, end, after } = calls[index] as Timed;
      return { start, end, after: after === undefined ? -1 : (places[after] as number) };
    };
    this.#transitions = transitions;
    this.#state = transitions.initial;
    this.#order = answered;
    this.#isOrdered = calls.some(({ after }) => after !== undefined);
    this.#list = new CallList(Array.from(answered, intervalOf));
    this.#kinds = answered.map(kindOf);
    this.#unanswered = new UnansweredCalls(
      Array.from(open, (index) => ({ index, kind: kindOf(index), ...intervalOf(index) })),
      this.#list,
    );
    this.#seen = new Configurations(this.#unanswered.kinds.length, this.#unanswered.most);
  }

  /** How many configurations are stored. */
  get size(): number {
    return this.#seen.size;
  }

  run(budget: number): SearchResult {
    for (let isNew = this.#enter(); this.#list.left > 0; isNew = this.#enter()) {
      const isSpent = this.#seen.size > budget || this.#transitions.isFull;
      if (isSpent) return { outcome: 'undecided' };
      let hasMoved = isNew && this.#move(this.#list.head, 0);
      while (!hasMoved) {
        const last = this.#backtrack();
        if (last === undefined) {
          return { outcome: 'broken', culprit: this.#culprit, prefix: this.#prefix };
        }
        hasMoved = this.#moveAfter(last);
      }
    }
    return { outcome: 'holds', order: this.#tell() };
  }

  /** Takes what fits and changes nothing (S1). Returns whether this configuration is new. */
  #enter(): boolean {
    const list = this.#list;
    for (let hasTaken = true; hasTaken; ) {
      hasTaken = false;
      for (let place = list.head; place < list.count; place = list.after(place)) {
        const kind = this.#kinds[place] as number;
        if (this.#transitions.effectOf(kind) !== 'none' || !list.isFree(place)) continue;
        const next = this.#transitions.step(this.#state, kind);
        if (next < 0) continue;
        this.#push(place, true);
        list.complete(place);
        this.#state = next;
        this.#isIdle = false;
        hasTaken = true;
      }
    }
    const state = 2 * this.#state + (this.#isIdle ? 1 : 0);
    return list.left === 0 || this.#seen.add(list, state, this.#unanswered.used);
  }

  #moveAfter(move: number): boolean {
    const { count } = this.#list;
    return move < count
      ? this.#move(this.#list.after(move), 0)
      : this.#move(count, move - count + 1);
  }

  /** Makes the first possible move, of candidates from `place` and then of kinds from `open`. */
  #move(place: number, open: number): boolean {
    const list = this.#list;
    for (let next = place; next < list.count; next = list.after(next)) {
      if (this.#take(next)) return true;
    }
    for (let kind = open; kind < this.#unanswered.kinds.length; kind += 1) {
      if (this.#use(kind)) return true;
    }
    this.#remember();
    return false;
  }

  #take(place: number): boolean {
    const kind = this.#kinds[place] as number;
    const effect = this.#transitions.effectOf(kind);
    if (effect === 'none' || (effect === 'sets' && this.#isIdle)) return false;
    const next = this.#transitions.step(this.#state, kind);
    if (next < 0 || !this.#list.isFree(place) || this.#isSecond(place, kind)) return false;
    this.#push(place, false);
    this.#list.complete(place);
    this.#state = next;
    this.#isIdle = false;
    return true;
  }

  /** Whether a candidate of the same kind ends first (S2). */
  #isSecond(place: number, kind: number): boolean {
    if (this.#isOrdered) return false;
    const list = this.#list;
    const { end } = list.at(place);
    for (let other = list.head; other < list.count; other = list.after(other)) {
      if (this.#kinds[other] !== kind || other === place) continue;
      const otherEnd = list.at(other).end;
      if (otherEnd < end || (otherEnd === end && other < place)) return true;
    }
    return false;
  }

  /** Uses an unanswered call (S4). */
  #use(open: number): boolean {
    const unanswered = this.#unanswered;
    const kind = unanswered.kinds[open] as number;
    const isSet = this.#transitions.effectOf(kind) === 'sets';
    if (isSet && this.#isIdle) return false;
    const next = this.#transitions.step(this.#state, kind);
    if (next < 0 || next === this.#state || !unanswered.isAvailable(open)) return false;
    if (isSet && this.#canSwapTo(next)) return false;
    this.#push(this.#list.count + open, false);
    unanswered.use(open);
    this.#state = next;
    this.#isIdle = true;
    return true;
  }

  /** Whether an unanswered call with a condition leads to this state (S5). */
  #canSwapTo(next: number): boolean {
    return this.#unanswered.kinds.some(
      (kind, open) =>
        this.#transitions.effectOf(kind) === 'swaps' &&
        this.#transitions.step(this.#state, kind) === next &&
        this.#unanswered.isAvailable(open),
    );
  }

  #push(move: number, isForced: boolean): void {
    this.#moves.push(move);
    this.#before.push(4 * this.#state + (this.#isIdle ? 2 : 0) + (isForced ? 1 : 0));
  }

  /** Undoes moves up to one that has an alternative, and returns that one. */
  #backtrack(): number | undefined {
    for (let move = this.#moves.pop(); move !== undefined; move = this.#moves.pop()) {
      const before = this.#before.pop() as number;
      if (move < this.#list.count) this.#list.undo(move);
      else this.#unanswered.putBack(move - this.#list.count);
      this.#state = Math.floor(before / 4);
      this.#isIdle = (before & 2) !== 0;
      if ((before & 1) === 0) return move;
    }
    return undefined;
  }

  /** The latest end that stopped the search is where linearizability ends. */
  #remember(): void {
    const place = this.#list.firstEnd();
    const { end } = this.#list.at(place);
    if (end <= this.#culpritEnd) return;
    this.#culpritEnd = end;
    this.#culprit = this.#order[place] as number;
    this.#prefix = this.#tell();
  }

  /** The calls of the moves so far. */
  #tell(): number[] {
    const used = this.#unanswered.listUsed();
    const { count } = this.#list;
    return this.#moves.map((move) =>
      move < count ? (this.#order[move] as number) : used(move - count),
    );
  }
}

/** The calls with and without an answer, by start. */
function sortCalls(calls: readonly Timed[]): {
  readonly answered: Uint32Array;
  readonly open: Uint32Array;
} {
  const order = new Uint32Array(calls.length);
  for (let index = 0; index < calls.length; index += 1) order[index] = index;
  const start = (index: number): number => (calls[index] as Timed).start;
  order.sort((a, b) => start(a) - start(b) || a - b);
  const isOpen = (index: number): boolean => calls[index]?.end === Number.POSITIVE_INFINITY;
  return { answered: order.filter((index) => !isOpen(index)), open: order.filter(isOpen) };
}

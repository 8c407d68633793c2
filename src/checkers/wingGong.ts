// Linearizability of any type: Wing and Gong, "Testing and Verifying Concurrent Objects" (JPDC
// 1993), with the memo of Lowe, "Testing for linearizability" (CCPE 2017): equal sets of completed
// operations with equal states have the same future. The problem is NP-complete, so there is a
// budget.

/** An object as used by one client at a time. States are immutable values. */
export interface SequentialSpecification<State, Call> {
  readonly initial: State;
  /** The state after the call, or undefined if the call cannot have its result in this state. */
  apply(state: State, call: Call): State | undefined;
  /** Equal for equal states only. */
  nameOf(state: State): string;
  /** True for calls that never change anything; the search takes them as soon as they fit. */
  isObserver(call: Call): boolean;
}

export interface TimedCall<Call> {
  readonly call: Call;
  readonly start: number;
  /** Infinity if no answer came: then the call may have had no effect, or one at any later time. */
  readonly end: number;
  /** The index of a call that must be taken before this one, whatever their times. */
  readonly after?: number;
}

export type SearchResult =
  | { readonly outcome: 'holds' }
  | { readonly outcome: 'undecided' }
  | {
      readonly outcome: 'broken';
      /** The call at whose end no valid order exists any more. */
      readonly culprit: number;
      /** The longest linearizable prefix, just before that end, in a valid order. */
      readonly prefix: readonly number[];
    };

/** Returns `undecided` if more than `budget` states were stored. */
export function linearize<State, Call>(
  type: SequentialSpecification<State, Call>,
  calls: readonly TimedCall<Call>[],
  budget: number,
): SearchResult {
  return new Search(type, calls).run(budget);
}

interface Taken<State> {
  readonly call: number;
  readonly before: State;
  /** The greatest position among the calls taken up to this one. */
  readonly top: number;
}

class Search<State, Call> {
  readonly #type: SequentialSpecification<State, Call>;
  readonly #calls: readonly TimedCall<Call>[];
  /** Calls sorted by start; the memo refers to them by their position here. */
  readonly #order: Int32Array;
  /** By call: its position in `#order`. */
  readonly #placeOf: Int32Array;
  /**
   * Events in time order: a start is a position, an end is a position + count. At equal times,
   * starts come before ends.
   */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #head: number;
  readonly #done: Uint16Array;
  readonly #seen = new Set<string>();
  readonly #stack: Taken<State>[] = [];
  #openEnds = 0;
  #firstOpen = 0;
  #culprit = -1;
  #culpritEnd = Number.NEGATIVE_INFINITY;
  #prefix: number[] = [];

  constructor(type: SequentialSpecification<State, Call>, calls: readonly TimedCall<Call>[]) {
    this.#type = type;
    this.#calls = calls;
    const count = calls.length;
    const byBegin = calls.map((_call, index) => index);
    byBegin.sort((a, b) => this.#call(a).start - this.#call(b).start || a - b);
    this.#order = Int32Array.from(byBegin);
    this.#placeOf = new Int32Array(count);
    for (const [place, call] of byBegin.entries()) this.#placeOf[call] = place;
    this.#done = new Uint16Array(Math.ceil(count / 16) + 1);
    this.#head = 2 * count;
    this.#next = new Int32Array(2 * count + 1).fill(-1);
    this.#previous = new Int32Array(2 * count + 1).fill(-1);
    let last = this.#head;
    for (const event of this.#events()) {
      this.#next[last] = event;
      this.#previous[event] = last;
      last = event;
    }
  }

  run(budget: number): SearchResult {
    let state = this.#type.initial;
    let event = this.#after(this.#head);
    while (this.#openEnds > 0) {
      if (event < this.#order.length) {
        const next = this.#take(event, state);
        if (this.#seen.size > budget) return { outcome: 'undecided' };
        if (next === undefined) event = this.#after(event);
        else {
          this.#stack.push({ call: event, before: state, top: Math.max(event, this.#top) });
          state = next;
          event = this.#after(this.#head);
        }
        continue;
      }
      this.#remember(event - this.#order.length);
      const back = this.#backtrack();
      if (back === undefined) {
        return { outcome: 'broken', culprit: this.#culprit, prefix: this.#prefix };
      }
      state = back.before;
      event = this.#after(back.call);
    }
    return { outcome: 'holds' };
  }

  /**
   * Takes the call at `place` if it fits and leads to a state not seen before: removes it from the
   * event list and returns the state.
   */
  #take(place: number, state: State): State | undefined {
    const { call, after } = this.#at(place);
    if (after !== undefined && !this.#isDone(this.#placeOf[after] as number)) return undefined;
    const next = this.#type.apply(state, call);
    if (next === undefined) return undefined;
    this.#mark(place, true);
    const name = this.#nameOf(next, Math.max(place, this.#top));
    if (this.#seen.has(name)) {
      this.#mark(place, false);
      return undefined;
    }
    this.#seen.add(name);
    this.#lift(place);
    if (this.#hasEnd(place)) {
      this.#lift(place + this.#order.length);
      this.#openEnds -= 1;
    }
    return next;
  }

  /** Undoes calls up to one that has an alternative. */
  #backtrack(): Taken<State> | undefined {
    for (let taken = this.#stack.pop(); taken !== undefined; taken = this.#stack.pop()) {
      const { call } = taken;
      if (this.#hasEnd(call)) {
        this.#unlift(call + this.#order.length);
        this.#openEnds += 1;
      }
      this.#unlift(call);
      this.#mark(call, false);
      if (!this.#type.isObserver(this.#at(call).call)) return taken;
    }
    return undefined;
  }

  /** The latest end that stopped the search is where linearizability ends. */
  #remember(place: number): void {
    const { end } = this.#at(place);
    if (end <= this.#culpritEnd) return;
    this.#culpritEnd = end;
    this.#culprit = this.#order[place] as number;
    this.#prefix = this.#stack.map(({ call }) => this.#order[call] as number);
  }

  get #top(): number {
    return this.#stack.at(-1)?.top ?? 0;
  }

  #isDone(place: number): boolean {
    return ((this.#done[place >>> 4] as number) & (1 << (place & 15))) !== 0;
  }

  #mark(place: number, isDone: boolean): void {
    const word = place >>> 4;
    this.#done[word] = (this.#done[word] as number) ^ (1 << (place & 15));
    if (!isDone) this.#firstOpen = Math.min(this.#firstOpen, word);
    else while (this.#done[this.#firstOpen] === 0xffff) this.#firstOpen += 1;
  }

  /**
   * The memo key: which calls are done, beginning with the first word of sixteen calls that is not
   * full, and the state.
   */
  #nameOf(state: State, top: number): string {
    let name = `${this.#firstOpen}`;
    for (let word = this.#firstOpen; word <= top >>> 4; word += 1) name += `,${this.#done[word]}`;
    return `${name}:${this.#type.nameOf(state)}`;
  }

  *#events(): Generator<number> {
    const count = this.#order.length;
    const ends = Array.from({ length: count }, (_, place) => place).filter((place) =>
      this.#hasEnd(place),
    );
    this.#openEnds = ends.length;
    ends.sort((a, b) => this.#at(a).end - this.#at(b).end || a - b);
    let place = 0;
    for (const end of ends) {
      for (; place < count && this.#at(place).start <= this.#at(end).end; place += 1) yield place;
      yield end + count;
    }
    for (; place < count; place += 1) yield place;
  }

  #hasEnd(place: number): boolean {
    return this.#at(place).end !== Number.POSITIVE_INFINITY;
  }

  #at(place: number): TimedCall<Call> {
    return this.#call(this.#order[place] as number);
  }

  #call(index: number): TimedCall<Call> {
    return this.#calls[index] as TimedCall<Call>;
  }

  #after(event: number): number {
    return this.#next[event] as number;
  }

  #lift(event: number): void {
    const [before, after] = [this.#previous[event] as number, this.#next[event] as number];
    this.#next[before] = after;
    if (after >= 0) this.#previous[after] = before;
  }

  #unlift(event: number): void {
    const [before, after] = [this.#previous[event] as number, this.#next[event] as number];
    this.#next[before] = event;
    if (after >= 0) this.#previous[after] = event;
  }
}

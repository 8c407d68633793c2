// A sequential specification as a table of numbers, filled as it is asked: states and kinds of
// calls get numbers, and each step is computed once.
import { NONE, PairTable } from './pairTable.ts';
import type { Effect, SequentialSpecification } from './specification.ts';

/** Stored in place of a state: the call does not fit. */
const NO_FIT = -2;
/**
 * Steps that a search only tries lead to states too, which its budget does not count: with appends
 * they are many, and a Map has at most four times as many entries.
 */
const MOST_STATES = 2 ** 22;

export class Transitions<State, Call> {
  readonly #type: SequentialSpecification<State, Call>;
  readonly #states: State[] = [];
  readonly #numbers = new Map<string, number>();
  /** By kind: one of its calls, and its effect. */
  readonly #calls: Call[] = [];
  readonly #effects: Effect[] = [];
  readonly #kinds = new Map<string, number>();
  readonly #steps = new PairTable();
  readonly #most: number;
  readonly initial: number;

  constructor(type: SequentialSpecification<State, Call>, most: number = MOST_STATES) {
    this.#type = type;
    this.#most = most;
    this.initial = this.#number(type.initial);
  }

  /** Whether there are so many states that a search should end. */
  get isFull(): boolean {
    return this.#states.length > this.#most;
  }

  /** The number of the kind of this call. */
  kindOf(call: Call): number {
    const name = this.#type.nameOfCall(call);
    const known = this.#kinds.get(name);
    if (known !== undefined) return known;
    this.#kinds.set(name, this.#calls.length);
    this.#effects.push(this.#type.effectOf(call));
    return this.#calls.push(call) - 1;
  }

  effectOf(kind: number): Effect {
    return this.#effects[kind] as Effect;
  }

  /** The state after a call of this kind; below 0 if it does not fit. */
  step(state: number, kind: number): number {
    const known = this.#steps.get(state, kind);
    if (known !== NONE) return known;
    const next = this.#type.apply(this.#states[state] as State, this.#calls[kind] as Call);
    const number = next === undefined ? NO_FIT : this.#number(next);
    this.#steps.set(state, kind, number);
    return number;
  }

  #number(state: State): number {
    const name = this.#type.nameOf(state);
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.#states.length);
    return this.#states.push(state) - 1;
  }
}

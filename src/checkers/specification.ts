// The type of an object as a search knows it: its states, and what its calls do to them.

/**
 * What a call does to the state, where it fits:
 * - `none`: nothing.
 * - `sets`: it fits in each state, and leaves the same one each time.
 * - `swaps`: it leaves the state as it is, or the same other one each time.
 * - `transforms`: anything.
 */
export type Effect = 'none' | 'sets' | 'swaps' | 'transforms';

/** An object as used by one client at a time. States are immutable values. */
export interface SequentialSpecification<State, Call> {
  readonly initial: State;
  /** The state after the call, or undefined if the call cannot have its result in this state. */
  apply(state: State, call: Call): State | undefined;
  /** Equal for equal states only. */
  nameOf(state: State): string;
  /** Equal only for calls that fit in the same states and lead to the same states. */
  nameOfCall(call: Call): string;
  /**
   * For `none` it is enough that taking the call as soon as it fits loses no order: the state may
   * record that it was taken.
   */
  effectOf(call: Call): Effect;
}

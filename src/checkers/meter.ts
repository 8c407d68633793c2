// What searches for one verdict may still store together, in states. Each search has a limit of its
// own besides.

export class Meter {
  #left: number;

  constructor(states: number = Number.POSITIVE_INFINITY) {
    this.#left = states;
  }

  /** Below 0 if a search has stored one state more than were left, which shows that it must end. */
  get left(): number {
    return this.#left;
  }

  /** What one of many searches may store, so that one takes not all that is left. */
  get share(): number {
    return Math.max(1, Math.ceil(this.#left / 4));
  }

  spend(states: number): void {
    this.#left -= states;
  }
}

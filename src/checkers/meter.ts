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

  spend(states: number): void {
    this.#left -= states;
  }
}

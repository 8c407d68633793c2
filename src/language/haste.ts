// Whether the user waits for the command under way, or wants it to end as soon as it can. A command
// that may take long asks this between its steps. Operations under way are waited for, because a
// client has one at a time: they end by their own deadlines.

export class Haste {
  readonly #wake: () => void;
  #isOn = false;

  /** `wake` ends the sleeps of the world. */
  constructor(wake: () => void) {
    this.#wake = wake;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** The command under way is to end early. */
  hurry(): void {
    this.#isOn = true;
    this.#wake();
  }

  /** The next command is waited for again. */
  end(): void {
    this.#isOn = false;
  }
}

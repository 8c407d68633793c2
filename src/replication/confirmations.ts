// Which questions to the configuration service confirm which reads. An answer confirms only reads
// that came before the question was asked; one question serves all of them. Pure.

export class Confirmations {
  #asked = 0;
  #wanted = 0;
  #isUnderWay = false;

  /** How many questions have been asked. */
  get asked(): number {
    return this.#asked;
  }

  /** A read has come: gives the number of the first question that can confirm it. */
  want(): number {
    this.#wanted = this.#asked + 1;
    return this.#wanted;
  }

  /** The question to be asked now, counted from 1; one is under way at a time. */
  take(): number | undefined {
    if (this.#isUnderWay || this.#wanted <= this.#asked) return undefined;
    this.#isUnderWay = true;
    this.#asked += 1;
    return this.#asked;
  }

  /** The question that was under way has been answered, or has failed. */
  ended(): void {
    this.#isUnderWay = false;
  }
}

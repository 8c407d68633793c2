// Which questions to the configuration service confirm which reads. An answer confirms all reads
// that came before the question was asked, and no others. Pure.

export class Confirmations {
  #asked = 0;
  #wanted = 0;
  #isUnderWay = false;

  /** How many questions have been asked. */
  get asked(): number {
    return this.#asked;
  }

  /** A read has come. Gives the number of the first question that can confirm it. */
  want(): number {
    this.#wanted = this.#asked + 1;
    return this.#wanted;
  }

  /** The number of the question to ask now, from 1. At most one question is under way. */
  take(): number | undefined {
    if (this.#isUnderWay || this.#wanted <= this.#asked) return undefined;
    this.#isUnderWay = true;
    this.#asked += 1;
    return this.#asked;
  }

  /** The question under way has been answered, or has failed. */
  ended(): void {
    this.#isUnderWay = false;
  }
}

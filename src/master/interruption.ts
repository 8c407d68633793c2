// The end of the program that no script asked for: a signal, or nobody left to read its answers.

export class Interruption {
  #status: number | undefined;
  #resolve: (status: number) => void = () => undefined;
  /** Resolves with the exit status when the program has to end. */
  readonly happened: Promise<number> = new Promise((resolve) => {
    this.#resolve = resolve;
  });

  /** The exit status, or undefined while there is no reason to end. */
  get status(): number | undefined {
    return this.#status;
  }

  /** The first reason counts. */
  interrupt(status: number): void {
    this.#status ??= status;
    this.#resolve(this.#status);
  }
}

// An end of the program that no script asked for: by a signal, or because its output is closed.

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

  /** Only the first reason counts. */
  interrupt(status: number): void {
    this.#status ??= status;
    this.#resolve(this.#status);
  }
}

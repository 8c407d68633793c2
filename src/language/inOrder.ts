// Runs orders about one thing, such as a link, in the order in which they are given, also when
// lines run at once. The run's own state changes at once, the world only later.
export class InOrder {
  readonly #lastByName = new Map<string, Promise<unknown>>();

  /** Begins at once, or when the earlier orders of that name have ended. */
  do<T>(name: string, order: () => Promise<T>): Promise<T> {
    const former = this.#lastByName.get(name);
    const done = former === undefined ? order() : former.then(order, order);
    this.#lastByName.set(name, done);
    const forget = (): void => {
      if (this.#lastByName.get(name) === done) this.#lastByName.delete(name);
    };
    done.then(forget, forget);
    return done;
  }
}

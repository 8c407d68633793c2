// Orders about one thing, such as a link, take effect in the order in which they are given, also
// when lines run at once: what the run knows of it changes at once, the world later.
export class InOrder {
  readonly #lastByName = new Map<string, Promise<void>>();

  /** Begins at once, or as soon as the former orders about this are over. */
  do(name: string, order: () => Promise<void>): Promise<void> {
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

// Collects what is sent within one turn of the event loop, so that it leaves in one write. Under
// load most of a message's cost is its system call, and the waking of whoever reads it.

/** At the turn's end `deliver` is given what was added in it, in order; never an empty list. */
export class Outbox<T> {
  readonly #deliver: (items: T[]) => void;
  #items: T[] = [];

  constructor(deliver: (items: T[]) => void) {
    this.#deliver = deliver;
  }

  add(item: T): void {
    if (this.#items.length === 0) process.nextTick(() => this.flush());
    this.#items.push(item);
  }

  flush(): void {
    if (this.#items.length === 0) return;
    const items = this.#items;
    this.#items = [];
    this.#deliver(items);
  }
}

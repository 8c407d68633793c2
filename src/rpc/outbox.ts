// Collects what is sent within one turn of the event loop, so that it is sent with one write. Under
// load, most of the cost of a message is the system call and waking up the reader.

/**
 * At the end of each turn, `deliver` gets what was added in it, in order; the list is never empty.
 */
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

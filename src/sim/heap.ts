// A binary heap of events by time, and among equal times by the order in which they were added.

/**
 * An event that is due at some time. The scheduling code sets every field; subclasses define `run`.
 */
export abstract class Scheduled {
  time = 0;
  sequence = 0;
  isCancelled = false;
  /** Its neighbours, while it waits in a lane. */
  previous: Scheduled | undefined = undefined;
  next: Scheduled | undefined = undefined;

  abstract run(): void;
}

/** A task that needs no class of its own. */
export class Task extends Scheduled {
  readonly #task: () => void;

  constructor(task: () => void) {
    super();
    this.#task = task;
  }

  run(): void {
    this.#task();
  }
}

export class EventHeap {
  readonly #items: Scheduled[] = [];

  get first(): Scheduled | undefined {
    return this.#items[0];
  }

  add(item: Scheduled): void {
    this.#items.push(item);
    this.#rise(this.#items.length - 1);
  }

  /** Removes and returns the earliest event. */
  take(): Scheduled | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (first === undefined || last === undefined || items.length === 0) return first;
    items[0] = last;
    this.#sink();
    return first;
  }

  #rise(start: number): void {
    const items = this.#items;
    const item = items[start] as Scheduled;
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = items[parent] as Scheduled;
      if (!isBefore(item, above)) break;
      items[index] = above;
      index = parent;
    }
    items[index] = item;
  }

  #sink(): void {
    const items = this.#items;
    const item = items[0] as Scheduled;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= items.length) break;
      const right = child + 1;
      if (right < items.length && isBefore(items[right] as Scheduled, items[child] as Scheduled)) {
        child = right;
      }
      const below = items[child] as Scheduled;
      if (!isBefore(below, item)) break;
      items[index] = below;
      index = child;
    }
    items[index] = item;
  }
}

export function isBefore(a: Scheduled, b: Scheduled): boolean {
  return a.time < b.time || (a.time === b.time && a.sequence < b.sequence);
}

// A binary heap of events by time, and among equal times by the order in which they were added.

export interface Scheduled {
  readonly time: number;
  readonly sequence: number;
  run: () => void;
}

export class EventHeap {
  readonly #items: Scheduled[] = [];
  #sequence = 0;

  get size(): number {
    return this.#items.length;
  }

  add(time: number, run: () => void): Scheduled {
    const item = { time, sequence: this.#sequence, run };
    this.#sequence += 1;
    this.#items.push(item);
    this.#rise(this.#items.length - 1);
    return item;
  }

  /** Removes the earliest event. */
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

function isBefore(a: Scheduled, b: Scheduled): boolean {
  return a.time < b.time || (a.time === b.time && a.sequence < b.sequence);
}

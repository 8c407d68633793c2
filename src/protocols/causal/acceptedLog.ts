// The writes that one life accepted, as far as a server keeps them: to find what a peer lacks.

import { assert } from '../../kernel/errors.ts';
import type { Life } from '../../kernel/ids.ts';
import type { HeldEntry } from './entry.ts';

/** Fewer superseded entries than this are not worth a sweep. */
const LEAST_SWEPT = 64;

/** In the order of their timestamps. Superseded ones are removed from time to time. */
export class AcceptedLog {
  readonly life: Life;
  #entries: HeldEntry[] = [];
  #superseded = 0;

  constructor(life: Life) {
    this.life = life;
  }

  append(entry: HeldEntry): void {
    const last = this.#entries.at(-1);
    assert(
      last === undefined || last.version.timestamp < entry.version.timestamp,
      "a life's accepted writes arrive in the order of their timestamps",
    );
    this.#entries.push(entry);
  }

  /** Marks an entry that no longer wins. Sweeps when half of the entries are superseded. */
  supersede(entry: HeldEntry): void {
    entry.supersede();
    this.#superseded += 1;
    if (this.#superseded <= LEAST_SWEPT || this.#superseded * 2 < this.#entries.length) return;
    this.#entries = this.#entries.filter((kept) => !kept.isSuperseded);
    this.#superseded = 0;
  }

  /** Adds to `found` the winning entries with a later timestamp. */
  addBeyond(timestamp: number, found: HeldEntry[]): void {
    for (let index = this.#firstBeyond(timestamp); index < this.#entries.length; index += 1) {
      const entry = this.#entries[index] as HeldEntry;
      if (!entry.isSuperseded) found.push(entry);
    }
  }

  /**
   * The index of the first entry with a later timestamp, by bisection of a range that doubles from
   * the end: a peer usually lacks the last few.
   */
  #firstBeyond(timestamp: number): number {
    let low = this.#entries.length;
    let high = low;
    for (let step = 1; low > 0; step *= 2) {
      low = Math.max(0, low - step);
      if ((this.#entries[low] as HeldEntry).version.timestamp <= timestamp) break;
      high = low;
    }
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle] as HeldEntry).version.timestamp > timestamp) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

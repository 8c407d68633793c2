// What is to come, in order: by time, and among equal times by the order in which it was asked for.
import type { Cancel } from '../kernel/env.ts';
import { EventHeap, isBefore, type Scheduled } from './heap.ts';

/** Delays of at least this many milliseconds have a lane of their own. */
const LANE_MS = 100;
/** A run has a handful of different long delays; whatever is beyond goes to the heap. */
const LANES = 16;

/**
 * Most of what is scheduled are timeouts that are cancelled long before they are due. Equal delays
 * are due in the order in which they were asked for, so each of the long ones has a plain queue:
 * adding costs nothing there, and what was cancelled is skipped without being sorted.
 */
export class EventQueue {
  readonly #heap = new EventHeap();
  readonly #laneByDelay = new Map<number, Lane>();
  #sequence = 0;

  /** Adds a task that is due `ms` after `now`, which never goes back. */
  add(now: number, ms: number, run: () => void): Cancel {
    const item: Scheduled = { time: now + ms, sequence: this.#sequence, run };
    this.#sequence += 1;
    const lane = ms < LANE_MS ? undefined : this.#laneOf(ms);
    if (lane === undefined) this.#heap.add(item);
    else lane.add(item);
    return () => {
      item.run = undefined;
    };
  }

  /** Removes the earliest task that was not cancelled. */
  take(): Scheduled | undefined {
    for (;;) {
      let best = this.#heap.first;
      let from: Lane | undefined;
      for (const lane of this.#laneByDelay.values()) {
        const { first } = lane;
        if (first === undefined || (best !== undefined && !isBefore(first, best))) continue;
        best = first;
        from = lane;
      }
      if (best === undefined) return undefined;
      if (from === undefined) this.#heap.take();
      else from.take();
      if (best.run !== undefined) return best;
    }
  }

  #laneOf(ms: number): Lane | undefined {
    let lane = this.#laneByDelay.get(ms);
    if (lane === undefined && this.#laneByDelay.size < LANES) {
      lane = new Lane();
      this.#laneByDelay.set(ms, lane);
    }
    return lane;
  }
}

/** A queue that skips what was cancelled. */
class Lane {
  #items: Scheduled[] = [];
  #head = 0;

  get first(): Scheduled | undefined {
    while (this.#head < this.#items.length) {
      const item = this.#items[this.#head] as Scheduled;
      if (item.run !== undefined) return item;
      this.#drop();
    }
    return undefined;
  }

  add(item: Scheduled): void {
    this.#items.push(item);
  }

  take(): void {
    this.#drop();
  }

  #drop(): void {
    this.#head += 1;
    if (this.#head < 1024 || this.#head * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}

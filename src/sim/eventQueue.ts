// What is to come, in order: by time, and among equal times by the order in which it was asked for.
import { EventHeap, isBefore, type Scheduled, Task } from './heap.ts';

/** Delays of at least this many milliseconds have a lane of their own. */
const LANE_MS = 100;
/** A run has a handful of different long delays; whatever is beyond goes to the heap. */
const LANES = 16;

/**
 * Most of what is scheduled are timeouts that are cancelled long before they are due. Equal delays
 * are due in the order in which they were asked for, so each of the long ones has a plain queue:
 * to add and to cancel costs nothing there, and what was cancelled is garbage at once.
 */
export class EventQueue {
  readonly #heap = new EventHeap();
  readonly #lanes: Lane[] = [];
  #sequence = 0;

  /** Adds what is due `ms` after `now`, which never goes back. Nothing is added twice. */
  add(now: number, ms: number, item: Scheduled): void {
    item.time = now + ms;
    item.sequence = this.#sequence;
    this.#sequence += 1;
    const lane = ms < LANE_MS ? undefined : this.#laneOf(ms);
    if (lane === undefined) this.#heap.add(item);
    else lane.add(item);
  }

  /** Nothing that was cancelled is taken; to cancel what was taken already does nothing. */
  cancel(item: Scheduled): void {
    item.isCancelled = true;
    leaveLane(item);
  }

  /** Removes the earliest that was not cancelled. */
  take(): Scheduled | undefined {
    for (;;) {
      let best = this.#heap.first;
      let from: Lane | undefined;
      for (let index = 0; index < this.#lanes.length; index += 1) {
        const lane = this.#lanes[index] as Lane;
        const { first } = lane;
        if (first === undefined || (best !== undefined && !isBefore(first, best))) continue;
        best = first;
        from = lane;
      }
      if (best === undefined) return undefined;
      if (from === undefined) this.#heap.take();
      else leaveLane(best);
      if (!best.isCancelled) return best;
    }
  }

  #laneOf(ms: number): Lane | undefined {
    let lane = this.#lanes.find((candidate) => candidate.ms === ms);
    if (lane === undefined && this.#lanes.length < LANES) {
      lane = new Lane(ms);
      this.#lanes.push(lane);
    }
    return lane;
  }
}

/** A ring of what waits equally long, in the order in which it came; `#ends` closes it. */
class Lane {
  readonly ms: number;
  readonly #ends: Scheduled = new Task(() => undefined);

  constructor(ms: number) {
    this.ms = ms;
    this.#ends.previous = this.#ends;
    this.#ends.next = this.#ends;
  }

  get first(): Scheduled | undefined {
    const { next } = this.#ends;
    return next === this.#ends ? undefined : next;
  }

  add(item: Scheduled): void {
    const last = this.#ends.previous as Scheduled;
    item.previous = last;
    item.next = this.#ends;
    last.next = item;
    this.#ends.previous = item;
  }
}

/** Does nothing with what is in no lane. */
function leaveLane(item: Scheduled): void {
  const { previous, next } = item;
  if (previous === undefined || next === undefined) return;
  previous.next = next;
  next.previous = previous;
  item.previous = undefined;
  item.next = undefined;
}

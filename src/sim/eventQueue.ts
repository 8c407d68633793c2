// The queue of future events, ordered by time, and among equal times by the order of scheduling.
import { EventHeap, isBefore, type Scheduled, Task } from './heap.ts';

/** Delays of at least this many milliseconds have lanes, one for each delay. */
const LANE_MS = 100;
/** A run has only a few different long delays; when all lanes are taken, the heap is used. */
const LANES = 16;

/**
 * Most scheduled events are timeouts that are cancelled long before they are due. Events with equal
 * delays are due in the order of scheduling, so each long delay has a plain queue: adding and
 * cancelling are cheap there, and a cancelled event is garbage at once.
 */
export class EventQueue {
  readonly #heap = new EventHeap();
  readonly #lanes: Lane[] = [];
  #sequence = 0;

  /** Adds an event that is due `ms` after `now`. `now` never decreases. No event is added twice. */
  add(now: number, ms: number, item: Scheduled): void {
    item.time = now + ms;
    item.sequence = this.#sequence;
    this.#sequence += 1;
    const lane = ms < LANE_MS ? undefined : this.#laneOf(ms);
    if (lane === undefined) this.#heap.add(item);
    else lane.add(item);
  }

  /** A cancelled event is never taken; to cancel an event that was taken does nothing. */
  cancel(item: Scheduled): void {
    item.isCancelled = true;
    leaveLane(item);
  }

  /** Removes and returns the earliest event that was not cancelled. */
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
    for (let index = 0; index < this.#lanes.length; index += 1) {
      const lane = this.#lanes[index] as Lane;
      if (lane.ms === ms) return lane;
    }
    if (this.#lanes.length >= LANES) return undefined;
    const lane = new Lane(ms);
    this.#lanes.push(lane);
    return lane;
  }
}

/** A ring of the events with one delay, in the order of scheduling; `#ends` closes the ring. */
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

/** Does nothing for an event that is in no lane. */
function leaveLane(item: Scheduled): void {
  const { previous, next } = item;
  if (previous === undefined || next === undefined) return;
  previous.next = next;
  next.previous = previous;
  item.previous = undefined;
  item.next = undefined;
}

// Messages that leave later: each at its time, and those of equal times in the order of arrival.
import { monotonicMs } from './monotonic.ts';

interface Departure {
  readonly dueMs: number;
  readonly send: () => void;
}

/** Times are those of the machine's monotonic clock. */
export class Departures {
  /** By time, then by arrival. */
  readonly #waiting: Departure[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** Sends now what is due now. */
  add(dueMs: number, send: () => void): void {
    let place = this.#waiting.length;
    while (place > 0 && (this.#waiting[place - 1] as Departure).dueMs > dueMs) place -= 1;
    this.#waiting.splice(place, 0, { dueMs, send });
    if (place === 0) this.#sendDue();
  }

  /** Drops all that waits. */
  clear(): void {
    this.#waiting.length = 0;
    clearTimeout(this.#timer);
  }

  #sendDue(): void {
    clearTimeout(this.#timer);
    const now = monotonicMs();
    let count = 0;
    while ((this.#waiting[count]?.dueMs ?? Number.POSITIVE_INFINITY) <= now) count += 1;
    for (const { send } of this.#waiting.splice(0, count)) send();
    const [next] = this.#waiting;
    if (next === undefined) return;
    // A timer may fire a moment early; then it is set once more.
    this.#timer = setTimeout(() => this.#sendDue(), Math.ceil(next.dueMs - now));
  }
}

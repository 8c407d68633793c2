// Messages that leave later: each at its time, and those of equal times in the order of arrival.
import type { Cancel } from '../kernel/env.ts';
import { monotonicMs, startTimer } from './monotonic.ts';

interface Departure {
  readonly dueMs: number;
  readonly send: () => void;
}

/** A clock, and timers that may fire a moment early or late by it. */
export interface Timing {
  now(): number;
  after(ms: number, task: () => void): Cancel;
}

const MACHINE: Timing = { now: monotonicMs, after: startTimer };

/** Times are those of the machine's monotonic clock, or of another one. */
export class Departures {
  readonly #timing: Timing;
  /** By time, then by arrival. */
  readonly #waiting: Departure[] = [];
  #cancel: Cancel = () => undefined;

  constructor(timing: Timing = MACHINE) {
    this.#timing = timing;
  }

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
    this.#cancel();
  }

  #sendDue(): void {
    this.#cancel();
    const now = this.#timing.now();
    let count = 0;
    while ((this.#waiting[count]?.dueMs ?? Number.POSITIVE_INFINITY) <= now) count += 1;
    for (const { send } of this.#waiting.splice(0, count)) send();
    this.#cancel();
    const [next] = this.#waiting;
    if (next === undefined) return;
    // A timer may fire a moment early; then it is set once more.
    this.#cancel = this.#timing.after(Math.ceil(next.dueMs - now), () => this.#sendDue());
  }
}

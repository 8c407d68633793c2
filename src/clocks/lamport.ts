// A Lamport clock: a counter that orders what can have influenced what.
import { CallError } from '../kernel/errors.ts';

/**
 * The furthest that one received time may lie ahead. A stranger's absurd time would otherwise win
 * over every later write for ever; no run comes near this by counting.
 */
export const CLOCK_JUMP = 2 ** 40;

/** Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", CACM 1978. */
export class LamportClock {
  #time = 0;

  get time(): number {
    return this.#time;
  }

  /** The time of a new local event: above everything that was ticked or witnessed before. */
  tick(): number {
    this.#time += 1;
    return this.#time;
  }

  /** Throws CallError E_CLOCK_JUMP for a time that would not be taken over. */
  check(received: number): void {
    if (received - this.#time > CLOCK_JUMP) {
      throw new CallError('E_CLOCK_JUMP', `${received} at ${this.#time}`);
    }
  }

  /** Takes over a received time if it is later. Throws CallError E_CLOCK_JUMP, and stays. */
  witness(received: number): void {
    this.check(received);
    if (received > this.#time) this.#time = received;
  }
}

// A Lamport clock: a counter with which an effect has a later time than its cause.
import { CallError } from '../kernel/errors.ts';

/**
 * The maximum by which a received time may exceed the own time. Without this limit, one absurd time
 * from a stranger would win over every later write for ever. No run comes near it by counting.
 */
export const CLOCK_JUMP = 2 ** 40;

/** Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", CACM 1978. */
export class LamportClock {
  #time = 0;

  get time(): number {
    return this.#time;
  }

  /** The time of a new local event: greater than every time ticked or witnessed before. */
  tick(): number {
    this.#time += 1;
    return this.#time;
  }

  /** Throws CallError E_CLOCK_JUMP for a time that `witness` would refuse. */
  check(received: number): void {
    if (received - this.#time > CLOCK_JUMP) {
      throw new CallError('E_CLOCK_JUMP', `${received} at ${this.#time}`);
    }
  }

  /**
   * Adopts a received time if it is later. Throws CallError E_CLOCK_JUMP, and then keeps its time.
   */
  witness(received: number): void {
    this.check(received);
    if (received > this.#time) this.#time = received;
  }

  /**
   * As `witness`, for the time in an answer. One with an absurd time counts as no answer
   * (ERR_UNREACHABLE), since the request may have taken effect.
   */
  witnessAnswer(received: number): void {
    if (received - this.#time > CLOCK_JUMP) throw new CallError('ERR_UNREACHABLE', 'a clock jump');
    this.witness(received);
  }
}

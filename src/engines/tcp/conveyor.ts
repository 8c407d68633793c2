// One direction of a slow connection: a stream of bytes, so no part may pass an earlier one.
import { Departures } from '../../rpc/departures.ts';
import { monotonicMs } from '../../rpc/monotonic.ts';

export class Conveyor {
  readonly #departures = new Departures();
  #waiting = 0;
  #latestMs = 0;

  /** Calls `arrive` after so many milliseconds, and never before an earlier part has arrived. */
  pass(ms: number, arrive: () => void): void {
    const now = monotonicMs();
    if (ms <= 0 && this.#waiting === 0) {
      arrive();
      return;
    }
    this.#waiting += 1;
    this.#latestMs = Math.max(this.#latestMs, now + ms);
    this.#departures.add(this.#latestMs, () => {
      this.#waiting -= 1;
      arrive();
    });
  }
}

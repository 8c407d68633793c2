// When a server's log is compacted: when it is long, and much longer than the state it restores.
import type { Json } from '../kernel/json.ts';
import type { Storage } from '../kernel/storage.ts';
import { ignoreCallError } from './background.ts';

/** Whether a log has at least `least` records, and at least twice as many as its state needs. */
export function isLong(length: number, least: number, stateSize: number): boolean {
  return length >= least && length >= 2 * stateSize;
}

export class Compaction {
  readonly #storage: Storage;
  readonly #least: number;
  #isUnderWay = false;

  constructor(storage: Storage, least: number) {
    this.#storage = storage;
    this.#least = least;
  }

  /**
   * To be called when the log has grown. `records` must restore the state at the time of the call.
   */
  ifLong(stateSize: number, records: () => Iterable<Json>): void {
    const { isDurable, length } = this.#storage;
    if (!isDurable || this.#isUnderWay || !isLong(length, this.#least, stateSize)) return;
    this.#isUnderWay = true;
    this.#storage.compact(records()).then(
      () => {
        this.#isUnderWay = false;
      },
      // The disk has no room: the log stays as it is, and is not compacted again in this life.
      ignoreCallError,
    );
  }
}

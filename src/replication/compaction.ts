// When a server's log is compacted: once it is long, and much longer than what it amounts to.
import type { Json } from '../kernel/json.ts';
import type { Storage } from '../kernel/storage.ts';
import { ignoreCallError } from './background.ts';

/** A log is long when it has `least` records, and twice as many as the state that it restores. */
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

  /** To be called when the log has grown. `records` must restore to the state of this moment. */
  ifLong(stateSize: number, records: () => Iterable<Json>): void {
    const { isDurable, length } = this.#storage;
    if (!isDurable || this.#isUnderWay || !isLong(length, this.#least, stateSize)) return;
    this.#isUnderWay = true;
    this.#storage.compact(records()).then(
      () => {
        this.#isUnderWay = false;
      },
      // No room: the log goes on as it was, and is not compacted any more in this life.
      ignoreCallError,
    );
  }
}

// What a server keeps beyond one life: a log of records, in whichever world it runs. The protocol
// says what a record means; the log knows none of it.
import type { Json } from './json.ts';

/**
 * A server's log. Records that were kept come back, in order, as `Replica.restore`, before the next
 * life under that id hears of anything else. In memory mode nothing outlives a life: `append` and
 * `compact` then have nothing to do.
 *
 * Fails with CallError E_STORAGE where the disk refuses (definite: the record is not in the log and
 * will not come back). A disk that may have lost what it confirmed ends the life instead.
 */
export interface Storage {
  /** False in memory mode. Code on the hot path may skip waiting then. */
  readonly isDurable: boolean;
  /**
   * Adds a record behind all others, and resolves when it and they are durable. Appends under way
   * at once share one sync (group commit); they resolve in order.
   */
  append(record: Json): Promise<void>;
  /** How many records were appended since the log was last compacted, recovered ones included. */
  readonly length: number;
  /**
   * Replaces everything appended so far, durable or not, by `records`, which must restore to the
   * same state. They are taken at once, so what is appended after the call comes behind them.
   * Atomic: a crash leaves the old log or the new. Appends wait until it is over.
   */
  compact(records: Iterable<Json>): Promise<void>;
}

/** Keeps nothing: whatever was there dies with the life. */
export const MEMORY_STORAGE: Storage = {
  isDurable: false,
  append: () => Promise.resolve(),
  length: 0,
  compact: () => Promise.resolve(),
};

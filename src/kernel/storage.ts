// The interface of a server's log, in both worlds: a list of records that outlives one life. The
// protocol defines the meaning of a record; the log does not look inside.
import type { Json } from './json.ts';

/**
 * A server's log. Kept records are given to `Replica.restore`, in order, before the next life under
 * that id receives anything else. In memory mode no data outlives a life: `append` and `compact`
 * then do nothing.
 *
 * Fails with CallError E_STORAGE if the disk refuses (definite: the record is not in the log and
 * will not come back). If a disk may have lost what it confirmed, the life ends instead.
 */
export interface Storage {
  /** False in memory mode. Code on the hot path may then skip waiting. */
  readonly isDurable: boolean;
  /**
   * Adds a record after all others, and resolves when it and they are durable. Appends that are
   * under way at the same time share one sync (group commit); they resolve in order.
   */
  append(record: Json): Promise<void>;
  /** The number of records since the last compaction, recovered ones included. */
  readonly length: number;
  /**
   * Replaces all records so far, durable or not, by `records`, which must restore to the same
   * state. They are read at once, so records appended after the call follow them. Atomic: a crash
   * leaves the old log or the new one. Appends wait until it is over.
   */
  compact(records: Iterable<Json>): Promise<void>;
}

/** Keeps nothing: all data is lost with the life. */
export const MEMORY_STORAGE: Storage = {
  isDurable: false,
  append: () => Promise.resolve(),
  length: 0,
  compact: () => Promise.resolve(),
};

// The records on their way to the disk: a server with a log has received them, and does not have
// them in its state yet. A round of stabilize waits for those of them that bring writes.
// Synchronous.
import { assert } from '../../kernel/errors.ts';
import type { CausalRecord } from './records.ts';

/** A position in the order of the log. */
export type Mark = number;

export class Pending {
  /** In the order of the log, each with the mark after it. */
  readonly #records: { readonly record: CausalRecord; readonly end: Mark }[] = [];
  #end: Mark = 0;
  #endOfWrites: Mark = 0;

  /** The pending records, in the order of the log. */
  get records(): CausalRecord[] {
    return this.#records.map(({ record }) => record);
  }

  /**
   * The mark after the last record that brings writes, a session's or a peer's. Clocks and refusals
   * bring none, so nothing waits for them.
   */
  get mark(): Mark {
    return this.#endOfWrites;
  }

  /** Whether every record before the mark has taken effect, or was refused. */
  hasPassed(mark: Mark): boolean {
    const [oldest] = this.#records;
    return oldest === undefined || oldest.end > mark;
  }

  /** The record was appended to the log. */
  add(record: CausalRecord): void {
    this.#end += 1;
    if (record.kind === 'write' || record.kind === 'merge') this.#endOfWrites = this.#end;
    this.#records.push({ record, end: this.#end });
  }

  /** The record has taken effect, or was refused. */
  remove(record: CausalRecord): void {
    const index = this.#records.findIndex((pending) => pending.record === record);
    assert(index >= 0, 'a record leaves once');
    this.#records.splice(index, 1);
  }
}

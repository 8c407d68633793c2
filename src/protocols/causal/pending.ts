// What a server with a log has received and does not have in its state yet: the records on their
// way to the disk. A round of stabilize counts what a server has received, so this decides what the
// round has to wait for. Synchronous.
import { assert } from '../../kernel/errors.ts';
import type { CausalRecord } from './records.ts';

/** A moment in the order of the log. */
export type Mark = number;

export class Pending {
  /** In the order of the log, each with the mark behind it. */
  readonly #records: { readonly record: CausalRecord; readonly end: Mark }[] = [];
  #end: Mark = 0;
  #endOfWrites: Mark = 0;

  /** In the order of the log. */
  get records(): CausalRecord[] {
    return this.#records.map(({ record }) => record);
  }

  /**
   * The moment after the last write that was received, a session's or a peer's. A later clock and a
   * refusal bring no write, so nothing waits for them.
   */
  get mark(): Mark {
    return this.#endOfWrites;
  }

  /** Whether everything before the mark has taken effect, or was refused. */
  hasPassed(mark: Mark): boolean {
    const [oldest] = this.#records;
    return oldest === undefined || oldest.end > mark;
  }

  /** The record was appended behind all others. */
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

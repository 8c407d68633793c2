// Every change of a server's data goes through the journal: with a log, the change is durable
// before it takes effect. So all that the state holds may leave the server at any time.
import type { Json } from '../../kernel/json.ts';
import type { Storage } from '../../kernel/storage.ts';
import { Compaction } from '../../replication/compaction.ts';
import { applyRecord, type QuorumRecord, restoreRecord, snapshotOf } from './records.ts';
import type { QuorumState } from './state.ts';

/** A log is compacted when it has at least so many records, and twice as many as its state. */
const LEAST_RECORDS = 10_000;

export class Journal {
  readonly state: QuorumState;
  readonly #storage: Storage;
  readonly #compaction: Compaction;
  /** The records on their way to the disk, in the order of the log. */
  readonly #pending: QuorumRecord[] = [];

  constructor(state: QuorumState, storage: Storage) {
    this.state = state;
    this.#storage = storage;
    this.#compaction = new Compaction(storage, LEAST_RECORDS);
  }

  restore(record: Json): void {
    restoreRecord(this.state, record);
  }

  /** Resolves when the record is durable and has taken effect. Rejects with CallError E_STORAGE. */
  async commit(record: QuorumRecord): Promise<void> {
    this.#pending.push(record);
    try {
      await this.#storage.append(record);
      applyRecord(this.state, record);
    } finally {
      this.#pending.splice(this.#pending.indexOf(record), 1);
    }
    const { store, hints } = this.state;
    this.#compaction.ifLong(store.size + hints.size, () => this.#compacted());
  }

  /** The snapshot of the state, then the pending records: the log has these, the state not yet. */
  #compacted(): QuorumRecord[] {
    return [...snapshotOf(this.state), ...this.#pending];
  }
}

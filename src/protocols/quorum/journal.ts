// Every change of a server's data goes through the journal: with a log, the change is durable
// before it takes effect. So all that the state holds may leave the server at any time.

import type { NodeId } from '../../kernel/ids.ts';
import type { Json } from '../../kernel/json.ts';
import type { Storage } from '../../kernel/storage.ts';
import { ignoreCallError } from '../../replication/background.ts';
import { Compaction } from '../../replication/compaction.ts';
import type { Kept, StoodIn } from './facts.ts';
import { applyRecord, type QuorumRecord, restoreRecord, snapshotOf } from './records.ts';
import type { QuorumState } from './state.ts';
import { packWrite, type Write } from './write.ts';

/** A log is compacted when it has at least so many records, and twice as many as its state. */
const LEAST_RECORDS = 10_000;

export class Journal {
  readonly state: QuorumState;
  readonly #storage: Storage;
  readonly #compaction: Compaction;
  readonly #observe: ((fact: object) => void) | undefined;
  /** The records on their way to the disk, in the order of the log. */
  readonly #pending: QuorumRecord[] = [];
  readonly #commits = new Set<Promise<void>>();
  /** Records that have taken effect, and go to the log before the next one. */
  #later: QuorumRecord[] = [];

  constructor(state: QuorumState, storage: Storage, observe?: (fact: object) => void) {
    this.state = state;
    this.#storage = storage;
    this.#observe = observe;
    this.#compaction = new Compaction(storage, LEAST_RECORDS);
  }

  restore(record: Json): void {
    restoreRecord(this.state, record);
  }

  /** Resolves when the record is durable and has taken effect. Rejects with CallError E_STORAGE. */
  commit(record: QuorumRecord): Promise<void> {
    const commit = this.#commit(record).finally(() => this.#commits.delete(commit));
    this.#commits.add(commit);
    return commit;
  }

  /** Resolves when all records of commits that began before have taken effect, or were refused. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#commits);
  }

  /**
   * Takes effect at once, and goes to the log with the next record, or by `flush`. For records that
   * may be lost in a crash.
   */
  later(record: QuorumRecord): void {
    applyRecord(this.state, record);
    this.#later.push(record);
  }

  /** Resolves when all records of `later` are durable, or the disk has refused them. */
  async flush(): Promise<void> {
    await Promise.allSettled(this.#appendLater());
  }

  #appendLater(): Promise<void>[] {
    const records = this.#later;
    this.#later = [];
    return records.map((record) => this.#storage.append(record).catch(ignoreCallError));
  }

  async #commit(record: QuorumRecord): Promise<void> {
    this.#appendLater();
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

  /** Makes a write durable here. Whether this replica has it then, or a later one. */
  async keep(write: Write): Promise<boolean> {
    const { store } = this.state;
    if (!store.has(write) && !store.isBelowFloor(write)) await this.keepAll([write]);
    else this.observeKept([write]);
    return store.has(write);
  }

  /** Makes a write durable here for a replica of its key that cannot be reached. True. */
  async keepFor(owner: NodeId, write: Write): Promise<boolean> {
    await this.commit({ kind: 'hints', owners: [owner], writes: [packWrite(write)] });
    this.#observe?.({ kind: 'stood in', owner, write } satisfies StoodIn);
    return true;
  }

  /** An own write, which is durable here and owed to that replica, is kept for it from now on. */
  standIn(owner: NodeId, write: Write): void {
    this.state.keepHint({ owner, write });
    this.#observe?.({ kind: 'stood in', owner, write } satisfies StoodIn);
  }

  /** As `keep`, for several writes. */
  async keepAll(writes: readonly Write[]): Promise<void> {
    const lacking = writes.filter((write) => !this.state.store.has(write)).map(packWrite);
    if (lacking.length > 0) await this.commit({ kind: 'writes', writes: lacking, isCopy: false });
    this.observeKept(writes);
  }

  /** Tells the invariants which of these writes this replica has now. */
  observeKept(writes: readonly Write[]): void {
    for (const write of this.#observe === undefined ? [] : writes) {
      const fact: Kept = { kind: 'kept', write };
      if (this.state.store.has(write)) this.#observe?.(fact);
    }
  }

  /** The snapshot of the state, then the pending records: the log has these, the state not yet. */
  #compacted(): QuorumRecord[] {
    return [...snapshotOf(this.state), ...this.#pending];
  }
}

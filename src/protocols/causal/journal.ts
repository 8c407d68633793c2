// Every change of a server's state goes through the journal: with a log, the change is durable
// before it takes effect. So all that the state holds may leave the server at any time (C6).
//
//   message --> append --------> durable --> the state changes --> answer
//                  (group commit)
import type { VersionVector } from '../../clocks/versionVector.ts';
import { CallError } from '../../kernel/errors.ts';
import { lifeKey } from '../../kernel/ids.ts';
import type { Json } from '../../kernel/json.ts';
import type { Storage } from '../../kernel/storage.ts';
import { ignoreCallError } from '../../replication/background.ts';
import { Compaction } from '../../replication/compaction.ts';
import type { Entry } from './entry.ts';
import { type Mark, Pending } from './pending.ts';
import {
  applyMerge,
  applyWrite,
  type CausalRecord,
  type RefuseRecord,
  restoreRecord,
  snapshotOf,
  type WriteRecord,
} from './records.ts';
import type { CausalState, WriteOutcome } from './state.ts';
import { packEntry } from './transfer.ts';

/** A log is compacted when it has at least so many records, and twice as many as the store. */
const LEAST_RECORDS = 10_000;

export class Journal {
  readonly state: CausalState;
  readonly #storage: Storage;
  readonly #pending = new Pending();
  /** The callers of `caughtUp`, in the order of their marks. */
  readonly #waiting: { readonly mark: Mark; readonly resolve: () => void }[] = [];
  /** By session and request: the outcomes that wait for the disk. */
  readonly #underWay = new Map<string, Promise<WriteOutcome | undefined>>();
  readonly #compaction: Compaction;
  #latestClock = 0;

  constructor(state: CausalState, storage: Storage) {
    this.state = state;
    this.#storage = storage;
    this.#compaction = new Compaction(storage, LEAST_RECORDS);
  }

  get isDurable(): boolean {
    return this.#storage.isDurable;
  }

  restore(record: Json): void {
    restoreRecord(this.state, record);
  }

  /**
   * Advances the clock to a received time; with a log later, when that is durable. Throws CallError
   * E_CLOCK_JUMP. The caller need not wait: an answer carries the clock as it is then.
   */
  witness(clock: number): void {
    const { state } = this;
    if (!this.isDurable) {
      state.clock.witness(clock);
      return;
    }
    state.clock.check(clock);
    if (clock <= Math.max(state.clock.time, this.#latestClock)) return;
    this.#latestClock = clock;
    const witnessed = this.#commit({ kind: 'clock', clock }, () => state.clock.witness(clock));
    witnessed.catch(ignoreCallError);
  }

  /** Makes a write durable, then as `CausalState.write`. Rejects with CallError E_STORAGE. */
  write(write: WriteRecord): Promise<WriteOutcome | undefined> {
    return this.#once(write, write.seq, () => applyWrite(this.state, write));
  }

  /** Makes a refusal durable, then as `CausalState.refuse`. Rejects with CallError E_STORAGE. */
  refuse(session: readonly [number, number], seq: number): Promise<WriteOutcome | undefined> {
    const [id, incarnation] = session;
    return this.#once({ kind: 'refuse', session, seq }, seq, () =>
      this.state.refuse({ id, incarnation }, seq),
    );
  }

  /**
   * A copy of a request gets the outcome of the first, also while that is on its way to the disk.
   * If the copy had a record of its own, the disk could refuse it although the write applies (G7).
   */
  #once(
    record: WriteRecord | RefuseRecord,
    seq: number,
    change: () => WriteOutcome | undefined,
  ): Promise<WriteOutcome | undefined> {
    const [id, incarnation] = record.session;
    const session = { id, incarnation };
    if (this.state.hasAnswered(session, seq)) {
      return Promise.resolve(this.state.answerTo(session, seq));
    }
    const name = `${lifeKey(session)} ${seq}`;
    const known = this.#underWay.get(name);
    if (known !== undefined) return known;
    const outcome = this.#commit(record, change).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, outcome);
    return outcome;
  }

  /**
   * As `CausalState.merge`. With a log a promise, which resolves when the transfer is durable and
   * applied, and rejects with CallError E_STORAGE. With logs no tombstone is collected, so
   * `collected` is empty.
   */
  merge(
    since: VersionVector,
    entries: readonly Entry[],
    applied: VersionVector,
    collected: VersionVector,
  ): boolean | Promise<boolean> {
    const { state } = this;
    if (!this.isDurable) return state.merge(since, entries, applied, collected);
    state.checkTransfer(entries, applied);
    if (!state.applied.dominates(since)) return false;
    if (state.applied.dominates(applied)) return true;
    const missing = entries.filter(({ version }) => !state.applied.covers(version));
    const merge = {
      since: since.toTuples(),
      entries: missing.map(packEntry),
      applied: applied.toTuples(),
    };
    return this.#commit({ kind: 'merge', ...merge }, () => applyMerge(state, merge));
  }

  /** As `merge`, but also false if the disk has no room. */
  async takeOver(...transfer: Parameters<Journal['merge']>): Promise<boolean> {
    try {
      return await this.merge(...transfer);
    } catch (error) {
      if (error instanceof CallError && error.code === 'E_STORAGE') return false;
      throw error;
    }
  }

  /**
   * Resolves when every write that was received before the call is in the state, or was refused.
   * Does not wait for later writes.
   */
  async caughtUp(): Promise<void> {
    const { mark } = this.#pending;
    if (this.#pending.hasPassed(mark)) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push({ mark, resolve });
    });
  }

  async #commit<T>(record: CausalRecord, change: () => T): Promise<T> {
    const result = await this.#append(record, change);
    this.#compaction.ifLong(this.state.size, () => this.#compacted());
    return result;
  }

  async #append<T>(record: CausalRecord, change: () => T): Promise<T> {
    this.#pending.add(record);
    try {
      await this.#storage.append(record);
      return change();
    } finally {
      this.#pending.remove(record);
      this.#wake();
    }
  }

  /** The snapshot of the state, then the pending records: the log has these, the state not yet. */
  #compacted(): CausalRecord[] {
    return [...snapshotOf(this.state), ...this.#pending.records];
  }

  #wake(): void {
    while (this.#waiting[0] !== undefined && this.#pending.hasPassed(this.#waiting[0].mark)) {
      this.#waiting.shift()?.resolve();
    }
  }
}

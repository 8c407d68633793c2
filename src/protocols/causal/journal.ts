// Everything that changes a server's state passes here: with a log it is durable before it takes
// effect. So whatever the state says may leave the server, and nothing has to be taken back (C6).
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
  /** Who waits for what was received before, the first first. */
  readonly #waiting: { readonly mark: Mark; readonly resolve: () => void }[] = [];
  /** By session and request: the answers that wait for the disk. */
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
   * Takes over a received time; with a log a little later, when that is durable. Throws CallError
   * E_CLOCK_JUMP. Nobody waits for it: an answer carries the time that it finds.
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

  /** A write, as `CausalState.write`. Rejects with CallError E_STORAGE. */
  write(write: WriteRecord): Promise<WriteOutcome | undefined> {
    return this.#once(write, write.seq, () => applyWrite(this.state, write));
  }

  /** As `CausalState.refuse`. */
  refuse(session: readonly [number, number], seq: number): Promise<WriteOutcome | undefined> {
    const [id, incarnation] = session;
    return this.#once({ kind: 'refuse', session, seq }, seq, () =>
      this.state.refuse({ id, incarnation }, seq),
    );
  }

  /**
   * A copy of a request has the answer of the first, which may be on its way to the disk: with a
   * record of its own it could be told that there is no room, and the write is there (G7).
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

  /** As `CausalState.merge`; with a log a promise, which rejects with CallError E_STORAGE. */
  merge(
    since: VersionVector,
    entries: readonly Entry[],
    applied: VersionVector,
  ): boolean | Promise<boolean> {
    const { state } = this;
    if (!this.isDurable) return state.merge(since, entries, applied);
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

  /** As `merge`, but for a disk without room it is false as well. */
  async takeOver(...transfer: Parameters<Journal['merge']>): Promise<boolean> {
    try {
      return await this.merge(...transfer);
    } catch (error) {
      if (error instanceof CallError && error.code === 'E_STORAGE') return false;
      throw error;
    }
  }

  /**
   * Resolves when every write that was received by now is in the state, or was refused. It never
   * waits for what comes after the call.
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

  /** What is under way belongs to the log already, so it goes after the state's own records. */
  #compacted(): CausalRecord[] {
    return [...snapshotOf(this.state), ...this.#pending.records];
  }

  #wake(): void {
    while (this.#waiting[0] !== undefined && this.#pending.hasPassed(this.#waiting[0].mark)) {
      this.#waiting.shift()?.resolve();
    }
  }
}

// The disk of a server: gives it the configurations that the server adopts and the entries of its
// log, one record of entries at a time.
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { inBackground, unlessCallError } from '../../replication/background.ts';
import { Compaction } from '../../replication/compaction.ts';
import { firstPart } from '../../replication/parts.ts';
import type { Configuration } from './configuration.ts';
import type { GroupLog } from './log.ts';
import type { ShardedMessages } from './messages.ts';
import type { GroupId } from './placement.ts';
import { recordsOf, type ShardedRecord, wholeState } from './records.ts';
import type { ShardedState } from './state.ts';
import { packEntry, sizeOf } from './wire.ts';

/** A log is compacted when it has at least so many records, and twice as many as the data. */
const LEAST_RECORDS = 1_000;

export interface DiskEvents {
  /** The disk has more entries of the log. */
  written(): void;
  /** The disk has no room: the log, if a part of it was refused, ends where the disk's does. */
  refused(log: GroupLog | undefined): void;
}

export class Disk {
  readonly #env: Env<ShardedMessages, 'server'>;
  readonly #state: ShardedState;
  readonly #events: DiskEvents;
  readonly #compaction: Compaction;
  #isWriting = false;
  /** The disk has the entries of that log up to `upTo`, or they are on their way to it. */
  #given:
    | { readonly log: GroupLog; readonly generation: number; readonly upTo: number }
    | undefined;

  constructor(env: Env<ShardedMessages, 'server'>, state: ShardedState, events: DiskEvents) {
    this.#env = env;
    this.#state = state;
    this.#events = events;
    this.#compaction = new Compaction(env.storage, LEAST_RECORDS);
  }

  /** `group` is the one whose log the server keeps. False if the disk has no room. */
  async keep(configuration: Configuration, group: GroupId | null): Promise<boolean> {
    const kept = this.#append(['configuration', configuration, group]).then(() => true);
    return (await unlessCallError(kept)) === true;
  }

  /** Writes what the log has and the disk has not, unless that is under way. */
  write(): void {
    if (this.#isWriting) return;
    this.#isWriting = true;
    inBackground(this.#env, async () => {
      for (;;) {
        const { log } = this.#state;
        if (log === undefined || log.durable >= log.last) break;
        if (!(await this.#writeNext(log))) break;
        this.#events.written();
      }
      this.#isWriting = false;
    });
  }

  async #writeNext(log: GroupLog): Promise<boolean> {
    const { generation } = log;
    try {
      if (log.durable < 0) {
        const { applied } = log;
        // At once: a compaction between them would leave a part of them.
        await Promise.all(recordsOf(log.snapshot()).map((record) => this.#append(record)));
        log.keep(generation, applied);
        return true;
      }
      const base = log.durable;
      const entries = firstPart(log.after(base), sizeOf);
      const upTo = base + entries.length;
      this.#given = { log, generation, upTo };
      await this.#append(['entries', base, entries.map(packEntry), Math.min(log.applied, base)]);
      log.keep(generation, upTo);
      return true;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      log.truncate(Math.max(log.durable, log.applied));
      this.#events.refused(log);
      return false;
    }
  }

  /** Resolves when the record and all earlier ones are durable. Rejects with E_STORAGE. */
  async #append(record: ShardedRecord): Promise<void> {
    if (this.#state.isFull) throw new CallError('E_STORAGE');
    try {
      await this.#env.storage.append(record as unknown as Json);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      this.#state.refused();
      this.#events.refused(undefined);
      throw error;
    }
    const size = this.#state.log?.size ?? 0;
    this.#compaction.ifLong(size, () => this.#compacted() as unknown as Json[]);
  }

  /** Without entries that the disk has not been given: it may refuse them yet. */
  #compacted(): ShardedRecord[] {
    const { log } = this.#state;
    const given = this.#given;
    const isCurrent =
      given !== undefined && given.log === log && given.generation === log.generation;
    return wholeState(this.#state, Math.max(log?.durable ?? 0, isCurrent ? given.upTo : 0));
  }
}

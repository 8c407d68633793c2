// A server's log: one file to which records are appended. Compaction replaces it by a shorter file.
// Concurrent appends share one write and one sync (group commit).
//
//   L1 an append resolves only when its record, and every one before it, is durable
//   L2 at most one frame is written and not yet synced
//   L3 a refused record is not in the log and never appears later
//   L4 after a failed sync no append resolves any more, and nothing is retried
//   L5 the frames of a file form one chain, from its head to its end (frame.ts)
import { assert, CallError } from '../kernel/errors.ts';
import { copyJson, type Json } from '../kernel/json.ts';
import type { Storage } from '../kernel/storage.ts';
import { DiskError, type DiskFile } from './disk.ts';
import { encodeFrame, FIRST_LINK, GROUP_LENGTH, linkAfterFrame } from './frame.ts';
import { type LogError, toLogError } from './logError.ts';
import { encodeLog, LOG, type RecoverySetup, recover } from './recovery.ts';
import { nameFile, prepareFile } from './wholeFile.ts';

export interface LogSetup extends RecoverySetup {
  /** Called once if the disk may have lost data that it confirmed. The life must end. */
  readonly onFailure: (error: LogError) => void;
}

interface Append {
  readonly text: string;
  readonly resolve: () => void;
  readonly reject: (error: CallError) => void;
}

interface Compaction extends Omit<Append, 'text'> {
  readonly texts: readonly string[];
  /** The former value of `length`, restored if there is no space. */
  readonly formerLength: number;
}

export class Log implements Storage {
  readonly isDurable = true;
  readonly #setup: LogSetup;
  #file: DiskFile | undefined;
  /** The position of the next frame. */
  #end = 0;
  /** The link of the next frame. */
  #link = FIRST_LINK;
  #length = 0;
  /** How many files this life may have begun. */
  #files = 1;
  /** In the order of the calls. */
  #queue: (Append | Compaction)[] = [];
  #isWorking = false;
  /** Why nothing is written any more. */
  #refusal: string | undefined;
  #hasFailed = false;

  constructor(setup: LogSetup) {
    this.#setup = setup;
  }

  /**
   * Passes every stored record to `restore`, in order, and opens the log for appends. Rejects with
   * a LogError and leaves the files unchanged if they cannot be trusted. An error thrown by
   * `restore` counts as damage, except a Bug.
   */
  async open(restore: (record: Json) => void): Promise<void> {
    assert(this.#file === undefined, 'a log is opened once');
    try {
      const { file, end, link, length } = await recover(this.#setup, restore);
      this.#file = file;
      this.#end = end;
      this.#link = link;
      this.#length = length;
    } catch (error) {
      throw error instanceof DiskError ? toLogError(error) : error;
    }
  }

  get length(): number {
    return this.#length;
  }

  append(record: Json): Promise<void> {
    const text = JSON.stringify(copyJson(record));
    this.#length += 1;
    return this.#enqueue((callbacks) => ({ text, ...callbacks }));
  }

  compact(records: Iterable<Json>): Promise<void> {
    const texts = Array.from(records, (record) => JSON.stringify(copyJson(record)));
    const formerLength = this.#length;
    this.#length = 0;
    return this.#enqueue((callbacks) => ({ texts, formerLength, ...callbacks }));
  }

  #enqueue(
    toJob: (callbacks: Pick<Append, 'resolve' | 'reject'>) => Append | Compaction,
  ): Promise<void> {
    assert(this.#file !== undefined, 'a log is opened before it is written to');
    if (this.#refusal !== undefined) {
      return Promise.reject(new CallError('E_STORAGE', this.#refusal));
    }
    return new Promise((resolve, reject) => {
      this.#queue.push(toJob({ resolve, reject }));
      if (this.#isWorking || this.#hasFailed) return;
      this.#isWorking = true;
      // Deferred, so that other appends of this turn join the first group.
      void Promise.resolve().then(() => this.#work());
    });
  }

  async #work(): Promise<void> {
    try {
      for (let job = this.#queue[0]; job !== undefined; job = this.#queue[0]) {
        if ('texts' in job) {
          this.#queue.shift();
          await this.#replace(job);
        } else await this.#writeGroup(this.#takeGroup());
      }
      this.#isWorking = false;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#hasFailed = true;
      this.#setup.onFailure(toLogError(error));
    }
  }

  #takeGroup(): Append[] {
    const group: Append[] = [];
    let length = 0;
    for (const job of this.#queue) {
      if ('texts' in job || (length > 0 && length + job.text.length > GROUP_LENGTH)) break;
      group.push(job);
      length += job.text.length;
    }
    this.#queue.splice(0, group.length);
    return group;
  }

  async #writeGroup(group: readonly Append[]): Promise<void> {
    const file = this.#file as DiskFile;
    const texts = group.map(({ text }) => text);
    const frame = encodeFrame(texts, this.#link);
    try {
      await file.write(this.#end, frame);
    } catch (error) {
      if (!(error instanceof DiskError) || !error.isFull) throw error;
      this.#refuse(error.message, group);
      return;
    }
    await file.sync();
    this.#end += frame.length;
    this.#link = linkAfterFrame(frame);
    for (const { resolve } of group) resolve();
  }

  /**
   * There is no space. The frame that did not fit is incomplete, so it will count as a torn tail.
   * Nothing may be written after it, so the log refuses all further writes (L3).
   */
  #refuse(why: string, group: readonly Append[]): void {
    this.#refusal = why;
    for (const { reject } of [...group, ...this.#queue.splice(0)]) {
      reject(new CallError('E_STORAGE', why));
    }
  }

  /** Later appends wait in the queue and go after the new records. */
  async #replace({ texts, formerLength, resolve, reject }: Compaction): Promise<void> {
    const { disk, owner, life } = this.#setup;
    const origin = { ...owner, life: life.incarnation, file: this.#files };
    this.#files += 1;
    let size = 0;
    let last: Uint8Array = new Uint8Array(0);
    const measured = function* (pieces: Iterable<Uint8Array>): Iterable<Uint8Array> {
      for (const piece of pieces) {
        size += piece.length;
        last = piece;
        yield piece;
      }
    };
    try {
      await prepareFile(disk, LOG, measured(encodeLog(origin, texts)));
      await nameFile(disk, LOG);
    } catch (error) {
      if (!(error instanceof DiskError) || !error.isFull) throw error;
      this.#length += formerLength;
      reject(new CallError('E_STORAGE', error.message));
      return;
    }
    await disk.syncFolder();
    await (this.#file as DiskFile).close();
    this.#file = await disk.open(LOG);
    this.#end = size;
    this.#link = linkAfterFrame(last);
    resolve();
  }
}

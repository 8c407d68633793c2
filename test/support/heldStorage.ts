// A log whose appends become durable, or are refused, when the test says so.
import { CallError } from '../../src/kernel/errors.ts';
import { copyJson, type Json } from '../../src/kernel/json.ts';
import type { Storage } from '../../src/kernel/storage.ts';
import { settled } from './fakeEnv.ts';

interface Append {
  readonly record: Json;
  readonly resolve: () => void;
  readonly reject: (error: CallError) => void;
}

export class HeldStorage implements Storage {
  readonly isDurable = true;
  length = 0;
  readonly #held: Append[] = [];

  /** The appended records without an answer, the oldest first. */
  get pending(): Json[] {
    return this.#held.map(({ record }) => record);
  }

  append(record: Json): Promise<void> {
    this.length += 1;
    return new Promise((resolve, reject) => {
      this.#held.push({ record: copyJson(record), resolve, reject });
    });
  }

  compact(): Promise<void> {
    return Promise.resolve();
  }

  /** Makes the oldest records durable: all of them, or `count`. */
  confirm(count = this.#held.length): Promise<void> {
    return settled(() => {
      for (const { resolve } of this.#held.splice(0, count)) resolve();
    });
  }

  /** Refuses all held records, as a full disk does. */
  refuse(): Promise<void> {
    return settled(() => {
      for (const { reject } of this.#held.splice(0)) reject(new CallError('E_STORAGE'));
    });
  }
}

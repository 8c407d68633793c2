// A log whose appends are durable, or refused, when the test says so.
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

  /** What was appended and not answered yet, the first first. */
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

  /** The oldest records are durable now: all of them unless told how many. */
  confirm(count = this.#held.length): Promise<void> {
    return settled(() => {
      for (const { resolve } of this.#held.splice(0, count)) resolve();
    });
  }

  /** There is no room for any of them. */
  refuse(): Promise<void> {
    return settled(() => {
      for (const { reject } of this.#held.splice(0)) reject(new CallError('E_STORAGE'));
    });
  }
}

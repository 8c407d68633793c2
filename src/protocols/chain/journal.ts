// When a server writes what on its disk: its logs as they grow, and which configuration they belong
// to. records.ts says how it lies there.
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Json } from '../../kernel/json.ts';
import type { Storage } from '../../kernel/storage.ts';
import type { Configuration } from './configuration.ts';
import { askInVain } from './failures.ts';
import type { Catchup, Entry } from './log.ts';
import { type ChainRecord, packInstalled, wholeState } from './records.ts';
import type { ChainState } from './state.ts';
import { packEntry } from './wire.ts';

/** A log is compacted when it has at least so many records, and twice as many as the store. */
const LEAST_RECORDS = 1_000;

export class Journal {
  readonly #storage: Storage;
  readonly #state: ChainState;
  readonly #onFull: () => void;
  #isFull = false;
  #isCompacting = false;

  /** `onFull` is called once, when the disk has refused a record: nothing may be accepted then. */
  constructor(storage: Storage, state: ChainState, onFull: () => void) {
    this.#storage = storage;
    this.#state = state;
    this.#onFull = onFull;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  configured(configuration: Configuration): Promise<void> {
    return this.#write(['configuration', configuration]);
  }

  pushed(owner: NodeId, entries: readonly Entry[], committed: number): Promise<void> {
    return this.#write(['push', owner, entries.map(packEntry), committed]);
  }

  installed(owner: NodeId, catchup: Catchup): Promise<void> {
    return this.#write(['install', owner, packInstalled(catchup)]);
  }

  /** Resolves when the record, and all before it, are durable. Rejects with E_STORAGE. */
  async #write(record: ChainRecord): Promise<void> {
    if (this.#isFull) throw new CallError('E_STORAGE');
    try {
      await this.#storage.append(record as unknown as Json);
    } catch (error) {
      if (error instanceof CallError && !this.#isFull) {
        this.#isFull = true;
        this.#onFull();
      }
      throw error;
    }
    this.#compactIfLong();
  }

  #compactIfLong(): void {
    const { isDurable, length } = this.#storage;
    if (!isDurable || this.#isCompacting) return;
    if (length < LEAST_RECORDS || length < 2 * this.#state.size) return;
    this.#isCompacting = true;
    this.#storage.compact(wholeState(this.#state) as unknown as Json[]).then(
      () => {
        this.#isCompacting = false;
      },
      // No room: the log goes on as it was, and is not compacted any more in this life.
      askInVain,
    );
  }
}

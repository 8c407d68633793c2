// One write of a key: as servers exchange it, and as a store keeps it.
import type { Version } from '../../clocks/version.ts';

/** The winning write of one key. A deletion is a write whose value is null (a tombstone). */
export interface Entry {
  readonly key: string;
  readonly value: string | null;
  readonly version: Version;
}

/** An entry as the store keeps it. */
export class HeldEntry implements Entry {
  readonly key: string;
  readonly value: string | null;
  readonly version: Version;
  /** Private, so that a held entry equals the entry that it was made from. */
  #isSuperseded = false;

  constructor(key: string, value: string | null, version: Version) {
    this.key = key;
    this.value = value;
    this.version = version;
  }

  /** Another write of the key has won, or its deletion was collected. */
  get isSuperseded(): boolean {
    return this.#isSuperseded;
  }

  supersede(): void {
    this.#isSuperseded = true;
  }
}

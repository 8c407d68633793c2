// The store of one server of naive, and every decision: the version of a write,
// and which of two writes wins.
import { compareVersions, fromVersionTuple } from '../../../../src/clocks/version.ts';
import type { Life } from '../../../../src/kernel/ids.ts';
import type { Entry, Version } from './messages.ts';

export class Store {
  readonly entryByKey = new Map<string, Entry>();
  #time = 0;

  write(written: Pick<Entry, 'key' | 'value'>, { id, incarnation }: Life): Entry {
    const accepted: Entry = { ...written, version: [this.#time + 1, id, incarnation] };
    this.merge([accepted]);
    return accepted;
  }

  merge(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.#time = Math.max(this.#time, entry.version[0]);
      const held = this.entryByKey.get(entry.key);
      if (held === undefined || isLater(entry.version, held.version)) {
        this.entryByKey.set(entry.key, entry);
      }
    }
  }
}

function isLater(a: Version, b: Version): boolean {
  return compareVersions(fromVersionTuple(a), fromVersionTuple(b)) > 0;
}

// Collects the writes of earlier runs that servers had when they joined. Each write is kept once,
// though several servers may have it.
import type { InitialWrite } from '../kernel/history.ts';

export class InitialWrites {
  readonly #writesByKey = new Map<string, InitialWrite[]>();

  /**
   * Returns true if this is news: a new write, or that a known write has taken effect, which one
   * server may know and another not.
   */
  add(write: InitialWrite): boolean {
    const known = this.#writesByKey.get(write.key);
    if (known === undefined) {
      this.#writesByKey.set(write.key, [write]);
      return true;
    }
    const place = known.findIndex((other) => isSame(other, write));
    if (place < 0) known.push(write);
    else if (write.outcome === 'ok' && known[place]?.outcome !== 'ok') known[place] = write;
    else return false;
    return true;
  }

  /** All writes, or those of the given keys. */
  *list(keys: Iterable<string> = this.#writesByKey.keys()): Generator<InitialWrite> {
    for (const key of keys) yield* this.#writesByKey.get(key) ?? [];
  }
}

function isSame(a: InitialWrite, b: InitialWrite): boolean {
  return String(a.version) === String(b.version) && a.value === b.value;
}

// Tells registers whose values are maps from models of several keys. In a test of bank accounts a
// read returns the map of all balances. As a read of one register that would be a value that no
// operation wrote, so such a history is refused.
import type { History } from '../checkers/history.ts';
import { Compound, type Datum, entriesOf, printEdn } from './datum.ts';
import { FormatError } from './format.ts';
import { datumOf, type IsWritable } from './texts.ts';

export class MapReads {
  readonly #written = new Set<string>();
  /** By the keys of the map: the first read of one, for the message. */
  readonly #read = new Map<string, { readonly text: string; readonly line: number }>();

  wrote(datum: Datum | undefined): void {
    const keys = keysOf(datum);
    if (keys !== undefined) this.#written.add(keys);
  }

  got(datum: Datum | undefined, line: number): void {
    const keys = keysOf(datum);
    if (datum === undefined || keys === undefined || this.#read.has(keys)) return;
    this.#read.set(keys, { text: printEdn(datum).slice(0, 60), line });
  }

  /**
   * Throws FormatError if a read returned a map with other keys than those of each map that was
   * written or that keys held before.
   */
  check({ initial = [] }: History, isWritable: IsWritable): void {
    for (const { value } of initial) this.wrote(datumOf(value, isWritable));
    for (const [keys, { text, line }] of this.#read) {
      if (this.#written.has(keys)) continue;
      const what = keys === '' ? 'a map without keys' : 'a map with these keys';
      const why = `no operation wrote ${what}, so it may be a read of several keys`;
      throw new FormatError(line, `${text}: ${why}`);
    }
  }
}

function keysOf(datum: Datum | undefined): string | undefined {
  if (!(datum instanceof Compound) || datum.opening !== '{') return undefined;
  return entriesOf(datum.items)
    .map(([key]) => key)
    .join(' ');
}

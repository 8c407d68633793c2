// The operations of a transaction in Jepsen's histories: https://github.com/jepsen-io/elle.
import { type Datum, itemsOf, printEdn, wordOf } from './datum.ts';
import { FormatError } from './format.ts';

export const MOST_SHOWN = 40;
const MICRO_WORDS: ReadonlySet<string> = new Set(['r', 'w', 'read', 'write', 'append']);

/** Whether the value is a list of micro-operations, such as `[[:r 1 nil] [:w 2 3]]`. */
export function hasMicros(value: Datum | undefined): boolean {
  const operations = itemsOf(value);
  return operations !== undefined && operations.length > 0 && operations.every(isMicro);
}

export function isMicro(value: Datum | undefined): boolean {
  const items = itemsOf(value);
  return items?.length === 3 && MICRO_WORDS.has(wordOf(items[0]) ?? '');
}

export function notTransaction(value: Datum | undefined, line: number): FormatError {
  const shown = value === undefined ? 'nothing' : printEdn(value).slice(0, MOST_SHOWN);
  return new FormatError(
    line,
    `a transaction is a list of [r key value] and [w key value], not ${shown}`,
  );
}

// Guesses which writes the reads in doubt have returned: those of an order of each key that is
// linearizable but for a few reads. A history often breaks a level by one read among thousands, and
// all others are explained by such an order at once.
import type { Readings } from './historyTable.ts';
import { linearizeKeys } from './keySearch.ts';
import { isWrite } from './normalize.ts';
import { type Doubt, INITIAL } from './readsFrom.ts';

/** How many reads may be left out of the order. */
const MOST_LEFT_OUT = 4;
/** How many states each search for an order may store. */
const BUDGET = 20_000;

/** The readings with the other doubts resolved; undefined if there is no such order. */
export function guessReadings(readings: Readings): Readings | undefined {
  const { normalized, doubts } = readings;
  const isOut = new Set<number>();
  while (isOut.size <= MOST_LEFT_OUT) {
    const found = linearizeKeys(normalized, isOut, BUDGET);
    if (found === undefined) return undefined;
    if (!('culprit' in found)) return resolve(readings, found.orders);
    const operation = normalized.operations[found.culprit];
    const isInDoubt = doubts.some(({ reads }) => reads.includes(found.culprit));
    if (operation === undefined || isWrite(operation) || !isInDoubt) return undefined;
    isOut.add(found.culprit);
  }
  return undefined;
}

/** `orders` has an order of operations for each key. */
function resolve(readings: Readings, orders: Iterable<readonly number[]>): Readings {
  const sources = new Map<number, number>();
  for (const order of orders) {
    let last = INITIAL;
    for (const op of order) {
      const operation = readings.normalized.operations[op];
      if (operation !== undefined && isWrite(operation)) last = op;
      else sources.set(op, last);
    }
  }
  const resolved = readings.doubts.map((doubt): Doubt => {
    const source = sources.get(doubt.reads[0] as number);
    if (source === undefined) return doubt;
    return { reads: doubt.reads, first: source, candidates: [source], group: undefined };
  });
  return readings.with(resolved);
}

// Read Committed and Read Atomic: Biswas and Enea, "On the Complexity of Checking Transactional
// Consistency" (OOPSLA 2019), figure 2. One order of all transactions contains the session orders
// and the reads. If a reader has seen a transaction that writes the key, that one comes before the
// one that it has read from.
import { at } from './historyTable.ts';
import { INITIAL } from './readsFrom.ts';
import { sourceOf, type TransactionTable, writeOf } from './transactionTable.ts';
import type { TransactionLevel } from './verdict.ts';

/** What a read says about the order of two transactions. Operation numbers. */
export interface Constraint {
  /** A write that the transaction of `read` has seen. */
  readonly earlier: number;
  /** The write that `read` has returned, or INITIAL: then no order exists. */
  readonly later: number;
  readonly read: number;
  /** The read by which it has seen `earlier`; undefined if another one tells, -1 if none. */
  readonly heard: number | undefined;
}

/**
 * A transaction has seen, by Read Committed, those that it has read from before the read; by Read
 * Atomic, all that it reads from, and the earlier ones of its session. Takes O(n^1.5), as in
 * Møldrup and Pavlogiannis, "AWDIT" (PLDI 2025).
 */
export function* constrainByIsolation(
  table: TransactionTable,
  level: TransactionLevel,
): Generator<Constraint> {
  const isAtomic = level === 'read-atomic';
  let session = -1;
  const lastWrites = new Map<number, number>();
  for (let t = 0; t < table.count; t += 1) {
    if (at(table.sessionOrder, t) !== session) lastWrites.clear();
    session = at(table.sessionOrder, t);
    const reads = groupReads(table, t);
    for (const [source, first] of reads.firstOf) {
      for (const [write, places] of writesSeen(table, source, reads.placesOf)) {
        for (const place of places) {
          if (!isAtomic && place < first) continue;
          if (sourceOf(table, place) === source) continue;
          yield constraint(table, write, place, at(table.reads, first));
        }
      }
    }
    if (!isAtomic) continue;
    for (const [key, places] of reads.placesOf) {
      const write = lastWrites.get(key);
      if (write === undefined) continue;
      for (const place of places) {
        if (at(table.from, place) !== write) yield constraint(table, write, place, -1);
      }
    }
    for (let place = at(table.writesOf, t); place < at(table.writesOf, t + 1); place += 1) {
      const write = at(table.writes, place);
      lastWrites.set(at(table.key, write), write);
    }
  }
}

function constraint(
  { from, reads }: TransactionTable,
  earlier: number,
  place: number,
  heard: number,
): Constraint {
  return { earlier, later: at(from, place), read: at(reads, place), heard };
}

interface Reads {
  /** By key: places in `reads`. */
  readonly placesOf: ReadonlyMap<number, readonly number[]>;
  /** By transaction that was read from: the first such place. */
  readonly firstOf: ReadonlyMap<number, number>;
}

function groupReads(table: TransactionTable, transaction: number): Reads {
  const placesOf = new Map<number, number[]>();
  const firstOf = new Map<number, number>();
  const { readsOf } = table;
  for (let place = at(readsOf, transaction); place < at(readsOf, transaction + 1); place += 1) {
    const key = at(table.key, at(table.reads, place));
    const places = placesOf.get(key);
    if (places === undefined) placesOf.set(key, [place]);
    else places.push(place);
    const source = sourceOf(table, place);
    if (source !== INITIAL && !firstOf.has(source)) firstOf.set(source, place);
  }
  return { placesOf, firstOf };
}

/** The writes of a transaction to the keys that were read, from whichever set is smaller. */
function* writesSeen(
  table: TransactionTable,
  source: number,
  placesOf: Reads['placesOf'],
): Generator<[number, readonly number[]]> {
  const { writes, writesOf, key } = table;
  const [start, end] = [at(writesOf, source), at(writesOf, source + 1)];
  if (end - start > placesOf.size) {
    for (const [wanted, places] of placesOf) {
      const write = writeOf(table, source, wanted);
      if (write >= 0) yield [write, places];
    }
    return;
  }
  for (let place = start; place < end; place += 1) {
    const write = at(writes, place);
    const places = placesOf.get(at(key, write));
    if (places !== undefined) yield [write, places];
  }
}

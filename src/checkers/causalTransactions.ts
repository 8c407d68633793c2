// Causal consistency and causal convergence of transactions: the definitions of POPL 2017, where
// the operations are transactions. Causal convergence is what databases call causal consistency
// (Biswas and Enea, OOPSLA 2019, figure 2). As for single operations, only the last write of each
// session that a reader can know of matters: O(n k), Møldrup and Pavlogiannis, PLDI 2025.
import { isBefore } from './causalPast.ts';
import { addEdge, createEdges, findCycle } from './cycles.ts';
import { at } from './historyTable.ts';
import type { Constraint } from './isolation.ts';
import { INITIAL } from './readsFrom.ts';
import type { TransactionTable } from './transactionTable.ts';
import { createWritesByKey, latestBelow } from './writesByKey.ts';

/**
 * The writes that each reader can know of and that must come before the one that it has returned,
 * as far as the causal order does not say so. Those of one reader follow each other.
 */
export function* constrainByCausality(
  table: TransactionTable,
  clocks: Int32Array,
): Generator<Constraint> {
  const { writes, writesOf, starts, sessionOrder, transaction, readsOf } = table;
  const width = table.sessionOrderCount;
  const index = createWritesByKey({
    key: writes.map((write) => at(table.key, write)),
    keyCount: table.keyCount,
    isWrite: new Uint8Array(writes.length).fill(1),
    sessionOrder: writes.map((write) => at(sessionOrder, at(transaction, write))),
  });
  for (let t = 0; t < table.count; t += 1) {
    for (let place = at(readsOf, t); place < at(readsOf, t + 1); place += 1) {
      const read = at(table.reads, place);
      const source = at(table.from, place);
      const last = at(index.groupsOf, at(table.key, read) + 1);
      for (let group = at(index.groupsOf, at(table.key, read)); group < last; group += 1) {
        const order = at(index.groupSessionOrder, group);
        const isOwn = order === at(sessionOrder, t);
        const known = at(clocks, t * width + order) - (isOwn ? 1 : 0);
        if (known === 0) continue;
        const found = latestBelow(index, group, at(writesOf, at(starts, order) + known));
        const write = found < 0 ? source : at(writes, found);
        if (write === source || isKnown(table, clocks, write, source)) continue;
        yield { earlier: write, later: source, read, heard: undefined };
      }
    }
  }
}

/** Whether the transaction of write `a` comes before that of `b`. */
function isKnown(table: TransactionTable, clocks: Int32Array, a: number, b: number): boolean {
  const { transaction } = table;
  return b !== INITIAL && isBefore(table, clocks, at(transaction, a), at(transaction, b));
}

/**
 * The constraints of one reader, of which each says that a write comes after the one before it, and
 * the first one that it comes after the last: no order explains all that this reader has read.
 */
export function findContradiction(
  table: TransactionTable,
  clocks: Int32Array,
  constraints: readonly Constraint[],
): readonly Constraint[] | undefined {
  const { transaction } = table;
  let start = 0;
  while (start < constraints.length) {
    const reader = readerOf(table, constraints[start] as Constraint);
    let end = start + 1;
    while (end < constraints.length && readerOf(table, constraints[end] as Constraint) === reader) {
      end += 1;
    }
    const own = constraints.slice(start, end);
    const sources = [...new Set(own.map(({ later }) => at(transaction, later)))];
    const edges = createEdges();
    const told: Constraint[] = [];
    for (const one of own) {
      const target = sources.indexOf(at(transaction, one.later));
      for (const [number, source] of sources.entries()) {
        if (!isBefore(table, clocks, source, at(transaction, one.earlier))) continue;
        told[addEdge(edges, number, target, true)] = one;
      }
    }
    const cycle = findCycle(sources.length, edges);
    if (cycle !== undefined) return cycle.map((edge) => told[edge] as Constraint);
    start = end;
  }
  return undefined;
}

function readerOf({ transaction }: TransactionTable, { read }: Constraint): number {
  return at(transaction, read);
}

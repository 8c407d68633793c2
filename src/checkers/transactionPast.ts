// The causal order of transactions: the transitive closure of the session orders and of "this
// transaction has read from that one" (Biswas and Enea, OOPSLA 2019, section 2: so and wr).
import { join, previous } from './causalPast.ts';
import { addEdge, createEdges, type Edges } from './cycles.ts';
import { at } from './historyTable.ts';
import { sourceOf, type TransactionTable } from './transactionTable.ts';

/** Session orders as light edges, then reads as heavy edges, with the place of each read. */
export interface CausalEdges extends Edges {
  /** By edge: the place in `reads`, or -1. */
  readonly place: number[];
}

export function causalEdgesOf(table: TransactionTable): CausalEdges {
  const edges = createEdges();
  const places: number[] = [];
  for (let t = 0; t < table.count; t += 1) {
    const before = previous(table, t);
    if (before >= 0) places[addEdge(edges, before, t, false)] = -1;
    for (let place = at(table.readsOf, t); place < at(table.readsOf, t + 1); place += 1) {
      const source = sourceOf(table, place);
      if (source >= 0) places[addEdge(edges, source, t, true)] = place;
    }
  }
  return { ...edges, place: places };
}

/** The transactions, each after all that it depends on; undefined if there is a cycle. */
export function sortTransactions(
  { count }: TransactionTable,
  edges: Edges,
): Int32Array | undefined {
  const { from, to } = edges;
  const incoming = new Int32Array(count);
  const first = new Int32Array(count).fill(-1);
  const next = new Int32Array(from.length);
  for (let edge = 0; edge < from.length; edge += 1) {
    const [source, target] = [from[edge] as number, to[edge] as number];
    incoming[target] = at(incoming, target) + 1;
    next[edge] = at(first, source);
    first[source] = edge;
  }
  const order = new Int32Array(count);
  let size = 0;
  for (let t = 0; t < count; t += 1) if (at(incoming, t) === 0) order[size++] = t;
  for (let done = 0; done < size; done += 1) {
    for (let edge = at(first, at(order, done)); edge >= 0; edge = at(next, edge)) {
      const target = to[edge] as number;
      incoming[target] = at(incoming, target) - 1;
      if (at(incoming, target) === 0) order[size++] = target;
    }
  }
  return size === count ? order : undefined;
}

/** By transaction, a row of clocks as in the causal past of operations, itself included. */
export function createClocks(table: TransactionTable, order: Int32Array): Int32Array {
  const { sessionOrderCount: width, sessionOrder, starts, readsOf } = table;
  const clocks = new Int32Array(order.length * width);
  for (const t of order) {
    const row = t * width;
    const before = previous(table, t);
    if (before >= 0) clocks.copyWithin(row, before * width, before * width + width);
    let joined = -1;
    for (let place = at(readsOf, t); place < at(readsOf, t + 1); place += 1) {
      const source = sourceOf(table, place);
      if (source >= 0 && source !== joined) join(clocks, row, source * width, width);
      joined = source;
    }
    const own = at(sessionOrder, t);
    clocks[row + own] = t - at(starts, own) + 1;
  }
  return clocks;
}

// A history of transactions as flat arrays of numbers. The transactions of one session order have
// consecutive numbers, as the operations of a history table do.
import type { Operation } from '../kernel/history.ts';
import { at, type HistoryTable, type SessionOrders } from './historyTable.ts';
import { HistoryError } from './verdict.ts';

/**
 * An unanswered transaction counts if one of its writes was read: then all of it took effect. It is
 * a session order of its own, as an unanswered write is in a history table. Operation numbers are
 * those of the normalized history.
 */
export interface TransactionTable extends SessionOrders {
  readonly operations: readonly Operation[];
  readonly count: number;
  readonly key: Int32Array;
  readonly keyCount: number;
  /** Transaction `t` has the reads from `readsOf[t]` to before `readsOf[t + 1]`, in its order. */
  readonly readsOf: Int32Array;
  readonly reads: Int32Array;
  /** By place in `reads`: the write that it has returned, or INITIAL. */
  readonly from: Int32Array;
  /** The last write of each key; sorted by key within the transaction. */
  readonly writesOf: Int32Array;
  readonly writes: Int32Array;
  /** By operation: its transaction, or -1. */
  readonly transaction: Int32Array;
}

/** `table` must have only operations that transactions show. */
export function createTransactionTable(table: HistoryTable): TransactionTable {
  const { normalized, numbers } = table;
  const place = new Int32Array(normalized.operations.length).fill(-1);
  for (let op = 0; op < numbers.length; op += 1) place[at(numbers, op)] = op;
  const layout = layOut(table, findGroups(table), place);
  const { groups, starts, parents } = layout;
  const sessionOrder = new Int32Array(groups.length);
  for (let c = 0; c + 1 < starts.length; c += 1) sessionOrder.fill(c, starts[c], starts[c + 1]);
  return {
    operations: normalized.operations,
    count: groups.length,
    sessionOrderCount: starts.length - 1,
    starts: Int32Array.from(starts),
    sessionOrder,
    parent: Int32Array.from(parents),
    key: normalized.key,
    keyCount: normalized.keys.length,
    ...collect(table, groups, place),
  };
}

/** The operations from `first` to before `end` are one transaction. */
interface Group {
  readonly first: number;
  readonly end: number;
}

/** By session: its transactions. */
function findGroups({ normalized: { operations, starts } }: HistoryTable): Group[][] {
  const seen = new Set<string>();
  const sessions: Group[][] = [];
  for (let session = 0; session + 1 < starts.length; session += 1) {
    const groups: Group[] = [];
    for (let first = at(starts, session); first < at(starts, session + 1); ) {
      const operation = operations[first] as Operation;
      const { transaction } = operation;
      let end = first + 1;
      if (transaction !== undefined) {
        if (seen.has(transaction)) {
          throw new HistoryError(operation, `transaction ${transaction} is in two pieces`);
        }
        seen.add(transaction);
        const last = at(starts, session + 1);
        while (end < last && operations[end]?.transaction === transaction) end += 1;
      }
      groups.push({ first, end });
      first = end;
    }
    sessions.push(groups);
  }
  return sessions;
}

interface Layout {
  readonly groups: readonly Group[];
  readonly starts: readonly number[];
  readonly parents: readonly number[];
}

function layOut(
  { normalized: { end: ends } }: HistoryTable,
  sessions: readonly (readonly Group[])[],
  place: Int32Array,
): Layout {
  const groups: Group[] = [];
  const starts = [0];
  const parents: number[] = [];
  const pending: { readonly group: Group; readonly parent: number }[] = [];
  const isThere = ({ first, end }: Group): boolean =>
    place.subarray(first, end).some((number) => number >= 0);
  for (const session of sessions) {
    const start = groups.length;
    for (const group of session) {
      if (ends[group.first] !== Number.POSITIVE_INFINITY) groups.push(group);
      else if (isThere(group)) {
        pending.push({ group, parent: groups.length > start ? groups.length - 1 : -1 });
      }
    }
    if (groups.length === start) continue;
    starts.push(groups.length);
    parents.push(-1);
  }
  for (const { group, parent } of pending) {
    groups.push(group);
    starts.push(groups.length);
    parents.push(parent);
  }
  return { groups, starts, parents };
}

type Contents = Pick<
  TransactionTable,
  'readsOf' | 'reads' | 'from' | 'writesOf' | 'writes' | 'transaction'
>;

function collect(table: HistoryTable, groups: readonly Group[], place: Int32Array): Contents {
  const { normalized, numbers, from: sources } = table;
  const reads: number[] = [];
  const from: number[] = [];
  const writes: number[] = [];
  const readsOf = new Int32Array(groups.length + 1);
  const writesOf = new Int32Array(groups.length + 1);
  const transaction = new Int32Array(normalized.operations.length).fill(-1);
  for (const [t, { first, end }] of groups.entries()) {
    const own: number[] = [];
    for (let op = first; op < end; op += 1) {
      transaction[op] = t;
      if (normalized.operations[op]?.kind !== 'get') {
        own.push(op);
        continue;
      }
      const read = at(place, op);
      if (read < 0) continue;
      const source = at(sources, read);
      reads.push(op);
      from.push(source < 0 ? source : at(numbers, source));
    }
    own.sort((a, b) => at(normalized.key, a) - at(normalized.key, b));
    for (const op of own) writes.push(op);
    readsOf[t + 1] = reads.length;
    writesOf[t + 1] = writes.length;
  }
  return {
    readsOf,
    reads: Int32Array.from(reads),
    from: Int32Array.from(from),
    writesOf,
    writes: Int32Array.from(writes),
    transaction,
  };
}

/** The transaction that wrote what the read at this place in `reads` has returned, or INITIAL. */
export function sourceOf({ from, transaction }: TransactionTable, place: number): number {
  const source = at(from, place);
  return source < 0 ? source : at(transaction, source);
}

/** The write of a key by a transaction, or -1. */
export function writeOf(table: TransactionTable, transaction: number, key: number): number {
  const { writes, writesOf, key: keys } = table;
  let low = at(writesOf, transaction);
  let high = at(writesOf, transaction + 1);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(keys, at(writes, middle)) < key) low = middle + 1;
    else high = middle;
  }
  if (low === at(writesOf, transaction + 1)) return -1;
  const write = at(writes, low);
  return at(keys, write) === key ? write : -1;
}

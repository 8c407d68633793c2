// An index of the writes by key and session order, in the sequence of the session order. It answers
// one question: the latest write of a key among the first n operations of a session order.
import { at, type HistoryTable } from './historyTable.ts';

export interface WritesByKey {
  /** Sorted by key, then session order, then position in it. */
  readonly writes: Int32Array;
  /** A group has one session order's writes to one key; those of key `k` start at `groupsOf[k]`. */
  readonly groupsOf: Int32Array;
  readonly groupSessionOrder: Int32Array;
  /** Group `g` has the writes from `groupStart[g]` to before `groupStart[g + 1]`. */
  readonly groupStart: Int32Array;
}

type Indexed = Pick<HistoryTable, 'key' | 'keyCount' | 'isWrite' | 'sessionOrder'>;

export function createWritesByKey(table: Indexed): WritesByKey {
  const { key, keyCount, isWrite, sessionOrder } = table;
  const ends = new Int32Array(keyCount + 1);
  for (let op = 0; op < key.length; op += 1) {
    if (at(isWrite, op) === 1) ends[at(key, op) + 1] = at(ends, at(key, op) + 1) + 1;
  }
  for (let k = 0; k < keyCount; k += 1) ends[k + 1] = at(ends, k + 1) + at(ends, k);
  const writes = new Int32Array(at(ends, keyCount));
  const next = ends.slice();
  for (let op = 0; op < key.length; op += 1) {
    if (at(isWrite, op) === 0) continue;
    const place = at(next, at(key, op));
    writes[place] = op;
    next[at(key, op)] = place + 1;
  }
  const groupsOf = new Int32Array(keyCount + 1);
  const groupSessionOrder: number[] = [];
  const groupStart: number[] = [];
  for (let k = 0; k < keyCount; k += 1) {
    groupsOf[k] = groupSessionOrder.length;
    for (let place = at(ends, k); place < at(ends, k + 1); place += 1) {
      const c = at(sessionOrder, at(writes, place));
      if (place > at(ends, k) && c === groupSessionOrder[groupSessionOrder.length - 1]) continue;
      groupSessionOrder.push(c);
      groupStart.push(place);
    }
  }
  groupsOf[keyCount] = groupSessionOrder.length;
  groupStart.push(writes.length);
  return {
    writes,
    groupsOf,
    groupSessionOrder: Int32Array.from(groupSessionOrder),
    groupStart: Int32Array.from(groupStart),
  };
}

/** The last write of a group with a number below `limit`, or -1. */
export function latestBelow(index: WritesByKey, group: number, limit: number): number {
  const { writes, groupStart } = index;
  const start = at(groupStart, group);
  let low = start;
  let high = at(groupStart, group + 1);
  if (at(writes, high - 1) < limit) return at(writes, high - 1);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(writes, middle) < limit) low = middle + 1;
    else high = middle;
  }
  return low === start ? -1 : at(writes, low - 1);
}

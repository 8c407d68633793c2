// Linearizability of put, get and delete if the source of every read is known: Gibbons and Korach,
// "Testing Shared Memories" (SIAM J. Comput. 1997), section 4, in O(n log n). Each key is judged by
// itself, since the property is local (Herlihy & Wing, TOPLAS 1990, section 3).
//
// A write and its reads are a cluster. From its first end to its last begin the key must have had
// its value: a forward zone. If the last begin is before the first end, all operations of the
// cluster overlap. The interval between them is then a backward zone, and the key needs to have had
// the value only at one moment of it.
import type { Operation } from '../kernel/history.ts';
import { at, type HistoryTable } from './historyTable.ts';
import { INITIAL } from './readsFrom.ts';
import type { Times } from './times.ts';
import { broken, type Judgement } from './verdict.ts';
import { content, tell } from './words.ts';
import { createWritesByKey } from './writesByKey.ts';

/**
 * The number of the initial value, which is written at minus infinity. Other clusters have the
 * number of their write.
 */
interface Zone {
  readonly cluster: number;
  /** The first end in the cluster. */
  readonly first: number;
  /** The last begin in the cluster. */
  readonly last: number;
}

/** Returns undefined if there is no conflict. */
export function findZoneConflict(table: HistoryTable, times: Times): Judgement | undefined {
  const clusters = new Clusters(table, times);
  const early = clusters.readBeforeWrite();
  if (early !== undefined) return early;
  const { writes, groupsOf, groupStart } = createWritesByKey(table);
  for (let key = 0; key < table.keyCount; key += 1) {
    const [start, end] = [at(groupsOf, key), at(groupsOf, key + 1)];
    const ofKey = writes.subarray(at(groupStart, start), at(groupStart, end));
    const conflict = clusters.judgeKey(key, ofKey);
    if (conflict !== undefined) return conflict;
  }
  return undefined;
}

class Clusters {
  readonly #table: HistoryTable;
  readonly #start: Float64Array;
  readonly #end: Float64Array;
  readonly #first: Float64Array;
  readonly #last: Float64Array;
  /** By key: the last begin of a read of the initial value. */
  readonly #lastInitial: Float64Array;

  constructor(table: HistoryTable, times: Times) {
    this.#table = table;
    const { from, key, keyCount, numbers } = table;
    this.#start = pick(times.start, numbers);
    this.#end = pick(times.end, numbers);
    this.#first = this.#end.slice();
    this.#last = this.#start.slice();
    this.#lastInitial = new Float64Array(keyCount).fill(Number.NEGATIVE_INFINITY);
    for (let op = 0; op < from.length; op += 1) {
      const source = at(from, op);
      const start = this.#start[op] as number;
      if (source === INITIAL) {
        const k = at(key, op);
        this.#lastInitial[k] = Math.max(this.#lastInitial[k] as number, start);
      }
      if (source < 0 || source === op) continue;
      this.#first[source] = Math.min(this.#first[source] as number, this.#end[op] as number);
      this.#last[source] = Math.max(this.#last[source] as number, start);
    }
  }

  #zoneOf(write: number): Zone {
    const [first, last] = [this.#first[write] as number, this.#last[write] as number];
    return { cluster: write, first, last };
  }

  /** Empty if no read has returned the initial value. */
  #initialZone(key: number): Zone[] {
    const last = this.#lastInitial[key] as number;
    const first = Number.NEGATIVE_INFINITY;
    return last === first ? [] : [{ cluster: INITIAL, first, last }];
  }

  readBeforeWrite(): Judgement | undefined {
    const { from, operations } = this.#table;
    for (let op = 0; op < from.length; op += 1) {
      const source = at(from, op);
      if (source < 0) continue;
      if ((this.#end[op] as number) >= (this.#start[source] as number)) continue;
      const [w, r] = [operations[source], operations[op]] as [Operation, Operation];
      return broken('ReadBeforeWrite', [r, w], `${tell(r)} before ${tell(w)} had begun.`);
    }
    return undefined;
  }

  judgeKey(key: number, writes: Int32Array): Judgement | undefined {
    const forward = this.#initialZone(key);
    for (let index = 0; index < writes.length; index += 1) {
      const zone = this.#zoneOf(at(writes, index));
      if (zone.first < zone.last) forward.push(zone);
    }
    sortByFirst(forward);
    for (let index = 1; index < forward.length; index += 1) {
      const [a, b] = [forward[index - 1], forward[index]] as [Zone, Zone];
      if (b.first < a.last) return this.#overlap(key, a, b);
    }
    for (let index = 0; index < writes.length; index += 1) {
      const zone = this.#zoneOf(at(writes, index));
      if (zone.first < zone.last) continue;
      const around = lastBefore(forward, zone.last);
      if (around !== undefined && zone.first < around.last) return this.#inside(key, around, zone);
    }
    return undefined;
  }

  #overlap(key: number, a: Zone, b: Zone): Judgement {
    const operations = [...this.#edges(key, a), ...this.#edges(key, b)];
    return broken(
      'OverlappingZones',
      operations,
      `${this.#tellZone(key, a)}, and ${this.#tellZone(key, b)}: that cannot both be.`,
    );
  }

  #inside(key: number, around: Zone, zone: Zone): Judgement {
    const inner = this.#edges(key, zone);
    const [first, last] = [inner[0], inner.at(-1)] as [Operation, Operation];
    const isBefore = around.cluster < 0;
    const value = content(this.#operation(zone.cluster));
    const told =
      inner.length === 1
        ? `${tell(first)} wholly ${isBefore ? 'before that' : 'in between'}`
        : `${isBefore ? 'before that' : 'in between'}, when ${tell(last)} had begun and ` +
          `${tell(first)} had not ended, there was ${value}`;
    return broken(
      'EnclosedZone',
      [...this.#edges(key, around), ...inner],
      `${this.#tellZone(key, around)}, yet ${told}.`,
    );
  }

  #tellZone(key: number, zone: Zone): string {
    const edges = this.#edges(key, zone);
    const [first, last] = [edges[0], edges.at(-1)] as [Operation, Operation];
    // The initial content of a key is nothing, or what a read of it shows.
    const value = content(zone.cluster < 0 ? first : this.#operation(zone.cluster));
    return zone.cluster < 0
      ? `there was ${value} until ${tell(last)}`
      : `after ${tell(first)} and until ${tell(last)} there was ${value}`;
  }

  /** The operation of a cluster that ends first, and the one that begins last. */
  #edges(key: number, { cluster, first, last }: Zone): Operation[] {
    const { from, key: keys } = this.#table;
    const found = new Set<number>();
    const isIn = (op: number): boolean => at(keys, op) === key && at(from, op) === cluster;
    const firstEnd = from.findIndex((_f, op) => isIn(op) && this.#end[op] === first);
    const lastBegin = from.findIndex((_f, op) => isIn(op) && this.#start[op] === last);
    for (const op of [firstEnd, lastBegin]) if (op >= 0) found.add(op);
    return [...found].map((op) => this.#operation(op));
  }

  #operation(op: number): Operation {
    return this.#table.operations[op] as Operation;
  }
}

function pick(times: Float64Array, numbers: Int32Array): Float64Array {
  const picked = new Float64Array(numbers.length);
  for (let op = 0; op < numbers.length; op += 1) picked[op] = times[at(numbers, op)] as number;
  return picked;
}

/** Most clients write a key in time order, so the list is usually sorted already. */
function sortByFirst(zones: Zone[]): void {
  for (let index = 1; index < zones.length; index += 1) {
    if ((zones[index - 1] as Zone).first <= (zones[index] as Zone).first) continue;
    zones.sort((a, b) => a.first - b.first);
    return;
  }
}

/** Of disjoint zones, the last one that begins before `time`. */
function lastBefore(zones: readonly Zone[], time: number): Zone | undefined {
  let low = 0;
  let high = zones.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((zones[middle] as Zone).first < time) low = middle + 1;
    else high = middle;
  }
  return zones[low - 1];
}

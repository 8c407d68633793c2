// Linearizability of a run (Herlihy & Wing, TOPLAS 1990). By zones where the source of every read
// is known: put, get and delete with versions or distinct values. By search for keys with a read in
// doubt, whose value several writes have written.
import type { Operation } from '../kernel/history.ts';
import { findThinAir } from './causal.ts';
import { PLAIN, type Recorded } from './history.ts';
import { Readings } from './historyTable.ts';
import { judgeByClock } from './jointSearch.ts';
import { searchKeys } from './keySearch.ts';
import type { Meter } from './meter.ts';
import { type Normalized, normalize } from './normalize.ts';
import { DEFAULT_BUDGET } from './partitions.ts';
import type { Times } from './times.ts';
import { findUnwritten } from './unwritten.ts';
import { HOLDS, type Judgement } from './verdict.ts';
import { findZoneConflict } from './zones.ts';

/** `budget` limits the search, in stored states; the zone algorithm needs none. */
export function judgeLinearizability(
  readings: Readings,
  budget: number = DEFAULT_BUDGET,
): Judgement {
  const thinAir = findThinAir(readings.certain);
  if (thinAir !== undefined) return thinAir;
  const judge = (times: Times): Judgement => judgeAt(readings, times, budget);
  return judgeByClock(readings.normalized, judge, budget);
}

/**
 * For a history that may have any operations. Keys with puts, gets and deletes only are judged as
 * above. `meter` limits the searches of keys with others, if it is there.
 */
export function judgeCalls(
  history: readonly Recorded[],
  budget: number = DEFAULT_BUDGET,
  meter?: Meter,
): Judgement {
  const normalized = normalize(history);
  const { operations, key, keys } = normalized;
  const isMixed = new Uint8Array(keys.length);
  for (let op = 0; op < operations.length; op += 1) {
    if (!PLAIN.has((operations[op] as Recorded).kind)) isMixed[key[op] as number] = 1;
  }
  const unwritten = findUnwritten(normalized, isMixed);
  const search = (times: Times): Judgement => searchKeys(normalized, times, budget, isMixed, meter);
  if (!isMixed.includes(0)) return unwritten ?? judgeByClock(normalized, search, budget, meter);
  const mixed = new Set(keys.filter((_key, k) => isMixed[k] === 1));
  const plain = history.filter((one) => !mixed.has(one.key));
  const readings = Readings.of(plain as readonly Operation[]);
  const thinAir = findThinAir(readings.certain) ?? unwritten;
  if (thinAir !== undefined) return thinAir;
  const judge = (times: Times): Judgement => {
    const found = judgeAt(readings, pickTimes(times, normalized, readings.normalized), budget);
    if (found.outcome === 'broken') return found;
    const searched = search(times);
    return searched.outcome === 'holds' ? found : searched;
  };
  return judgeByClock(normalized, judge, budget);
}

/** The times of some of the operations. */
function pickTimes(
  { start, end, isCoarse }: Times,
  { operations }: Normalized<Recorded>,
  some: Normalized,
): Times {
  const numbers = new Map<Recorded, number>();
  for (const [op, operation] of operations.entries()) numbers.set(operation, op);
  const pick = (times: Float64Array): Float64Array =>
    Float64Array.from(some.operations, (one) => times[numbers.get(one) as number] as number);
  return { start: pick(start), end: pick(end), isCoarse };
}

/** The certain reads come first: they are quick to judge, and a violation by them is final. */
function judgeAt(
  { certain, doubts, normalized }: Readings,
  times: Times,
  budget: number,
): Judgement {
  const conflict = findZoneConflict(certain, times);
  if (conflict !== undefined) return conflict;
  if (doubts.length === 0) return HOLDS;
  const isDoubtful = new Uint8Array(normalized.keys.length);
  for (const { reads } of doubts) {
    for (const read of reads) isDoubtful[normalized.key[read] as number] = 1;
  }
  return searchKeys(normalized, times, budget, isDoubtful);
}

// Linearizability of a run (Herlihy & Wing, TOPLAS 1990). By zones where the source of every read
// is known: put, get and delete with versions or distinct values. By search for keys with a read in
// doubt, whose value several writes have written.
import { findThinAir } from './causal.ts';
import type { Readings } from './historyTable.ts';
import { judgeByClock, searchKeys } from './keySearch.ts';
import { DEFAULT_BUDGET } from './partitions.ts';
import type { Times } from './times.ts';
import { HOLDS, type Judgement } from './verdict.ts';
import { findZoneConflict } from './zones.ts';

/** `budget` limits the search, in stored states; the zone algorithm needs none. */
export function judgeLinearizability(
  readings: Readings,
  budget: number = DEFAULT_BUDGET,
): Judgement {
  const thinAir = findThinAir(readings.certain);
  if (thinAir !== undefined) return thinAir;
  return judgeByClock(readings.normalized, (times) => judgeAt(readings, times, budget));
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

// Linearizability of a run (Herlihy & Wing, TOPLAS 1990): by zones where every read says which
// write it has read, so for all put, get and delete with versions or distinct values; by search for
// the keys with a read in doubt, of whose value there are several writes.
import { findThinAir } from './causal.ts';
import { judgeByClock, searchKeys } from './keySearch.ts';
import type { Readings } from './model.ts';
import { DEFAULT_BUDGET } from './partitions.ts';
import type { Times } from './times.ts';
import { HOLDS, type Judgement } from './verdict.ts';
import { findZoneConflict } from './zones.ts';

/** `budget` bounds the search, in states that have to be remembered; zones need none. */
export function judgeLinearizability(
  readings: Readings,
  budget: number = DEFAULT_BUDGET,
): Judgement {
  const thinAir = findThinAir(readings.certain);
  if (thinAir !== undefined) return thinAir;
  return judgeByClock(readings.gathered, (times) => judgeAt(readings, times, budget));
}

/** What is certain comes first: it is quick to judge, and what breaks it breaks the whole. */
function judgeAt({ certain, doubts, gathered }: Readings, times: Times, budget: number): Judgement {
  const conflict = findZoneConflict(certain, times);
  if (conflict !== undefined) return conflict;
  if (doubts.length === 0) return HOLDS;
  const isDoubtful = new Uint8Array(gathered.keys.length);
  for (const { reads } of doubts) {
    for (const read of reads) isDoubtful[gathered.key[read] as number] = 1;
  }
  return searchKeys(gathered, times, budget, isDoubtful);
}

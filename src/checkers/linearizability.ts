// Linearizability of a run (Herlihy & Wing, TOPLAS 1990): by zones where every read says which
// write it has read, so for all put, get and delete with versions or distinct values; by search for
// the keys of which several writes left the same value and nothing tells them apart.
import { findThinAir } from './causal.ts';
import { judgeByClock, searchKeys } from './keySearch.ts';
import type { Model } from './model.ts';
import { DEFAULT_BUDGET } from './partitions.ts';
import type { Times } from './times.ts';
import { HOLDS, type Judgement } from './verdict.ts';
import { findZoneConflict } from './zones.ts';

/** `budget` bounds the search, in states that have to be remembered; zones need none. */
export function judgeLinearizability(model: Model, budget: number = DEFAULT_BUDGET): Judgement {
  const thinAir = findThinAir(model);
  if (thinAir !== undefined) return thinAir;
  return judgeByClock(model.gathered, (times) => judgeAt(model, times, budget));
}

function judgeAt(model: Model, times: Times, budget: number): Judgement {
  const { doubts, gathered, keyCount } = model;
  const isDoubtful = new Uint8Array(keyCount);
  for (const { reads } of doubts) {
    for (const read of reads) isDoubtful[gathered.key[read] as number] = 1;
  }
  const conflict = findZoneConflict(model, times, isDoubtful);
  if (conflict !== undefined) return conflict;
  return doubts.length === 0 ? HOLDS : searchKeys(gathered, times, budget, isDoubtful);
}

// What a page asks its workers to try, and what they find. Data only: the page itself runs nothing.
import { LEVELS, STORE_LEVELS } from '../../checkers/index.ts';
import type { RunSource } from '../view.ts';

/** Every level by which a run can be judged. */
export const JUDGED_LEVELS = [...LEVELS, ...STORE_LEVELS] as const;

export interface SeedPlan {
  readonly protocol: string;
  /** Runs under every seed; null for a random script and random faults for each seed. */
  readonly script: string | null;
  /** Of the script. */
  readonly faults: string;
  /** Null for all that the protocol guarantees. */
  readonly level: (typeof JUDGED_LEVELS)[number] | null;
}

export interface BrokenSeed {
  readonly seed: number;
  /** What broke: a level, or the number or name of an invariant. */
  readonly kind: string;
  readonly sentence: string;
  /** The script of the seed with its faults; comments at its end say what broke. */
  readonly source: RunSource;
  /** Lines of the script itself. */
  readonly length: number;
}

export interface SeedBatch {
  readonly seeds: number;
  readonly broken: readonly BrokenSeed[];
  /** How many seeds were not, or not completely, judged. */
  readonly undecided: number;
}

/** The best script so far, and the number of trials that it took. */
export interface ShrunkSeed {
  readonly broken: BrokenSeed;
  readonly trials: number;
}

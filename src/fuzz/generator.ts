// The interface of a generator: it draws a few script lines that fit the current state.

import type { RandomSource } from './randomSource.ts';
import type { ScriptModel } from './scriptModel.ts';

/** Returns undefined if it does not apply now. */
export type DrawLines = (model: ScriptModel, random: RandomSource) => readonly string[] | undefined;

export interface Generator {
  readonly draw: DrawLines;
  /** Relative frequency. */
  readonly weight: number;
  /** Whether its lines may stand between `concurrently` and `end`. */
  readonly mayOverlap: boolean;
  /** Whether every script uses it. */
  readonly isCore?: true;
}

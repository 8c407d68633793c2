// The shape of a deed: a few lines that a drawn script may go on with.

import type { RandomSource } from './randomSource.ts';
import type { ScriptModel } from './scriptModel.ts';

/** Undefined where it cannot be done now. */
export type DrawLines = (model: ScriptModel, random: RandomSource) => readonly string[] | undefined;

export interface Generator {
  readonly draw: DrawLines;
  /** How often, against the others. */
  readonly weight: number;
  /** Whether it may stand between `concurrently` and `end`. */
  readonly mayOverlap: boolean;
  /** Whether no script does without it. */
  readonly isCore?: true;
}

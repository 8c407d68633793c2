// The shape of a deed: a few lines that a drawn script may go on with.
import type { Cast } from './cast.ts';
import type { Lot } from './lot.ts';

/** Undefined where it cannot be done now. */
export type DrawLines = (cast: Cast, lot: Lot) => readonly string[] | undefined;

export interface Deed {
  readonly draw: DrawLines;
  /** How often, against the others. */
  readonly weight: number;
  /** Whether it may stand between `concurrently` and `end`. */
  readonly mayOverlap: boolean;
  /** Whether no script does without it. */
  readonly isCore?: true;
}

// The names of the levels for which a run can be judged.
import { LEVELS, STORE_LEVELS } from '../checkers/levels.ts';
import type { Level, StoreLevel } from '../checkers/verdict.ts';

/** Every level for which a run can be judged. */
export type Checked = Level | StoreLevel;

/** Strongest first, then the levels of the servers' stores. */
export const CHECKED: readonly Checked[] = [...LEVELS, ...STORE_LEVELS];

/** Whether a word names a level of histories. */
export function isLevel(word: string): word is Level {
  return (LEVELS as readonly string[]).includes(word);
}

/** Whether a word names a level of runs. */
export function isChecked(word: string): word is Checked {
  return (CHECKED as readonly string[]).includes(word);
}

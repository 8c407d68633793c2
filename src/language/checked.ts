// What a run can be judged for, by name.
import { LEVELS, STORE_LEVELS } from '../checkers/levels.ts';
import type { Level, StoreLevel } from '../checkers/verdict.ts';

/** Whatever a run can be judged for. */
export type Checked = Level | StoreLevel;

/** Strongest first, then what is seen at the servers. */
export const CHECKED: readonly Checked[] = [...LEVELS, ...STORE_LEVELS];

/** Whether a word names something that a history can be judged for. */
export function isLevel(word: string): word is Level {
  return (LEVELS as readonly string[]).includes(word);
}

/** Whether a word names something that a run can be judged for. */
export function isChecked(word: string): word is Checked {
  return (CHECKED as readonly string[]).includes(word);
}

// The order of the writes of one key, as the store has it: of versions, or partial, of contexts.
import type { ContextTuples, VersionTuple } from '../kernel/history.ts';
import { covers } from './contexts.ts';
import { compareVersions } from './readsFrom.ts';

/** A write, or a stored entry. */
export interface Placed {
  readonly version: VersionTuple | null;
  readonly context?: ContextTuples;
}

/** Whether the store has `a` before `b`; false if that is unknown. */
export function isBefore(a: Placed, b: Placed): boolean {
  if (a.version === null || b.version === null) return false;
  const order = compareVersions(a.version, b.version);
  if (b.context !== undefined) return order !== 0 && covers(b.context, a.version);
  // Where writes have contexts, versions do not order them.
  return a.context === undefined && order < 0;
}

/** Whether a store that has `entry` has applied the write: it is that write, or a later one. */
export function includes(entry: Placed, write: Placed): boolean {
  if (entry.version === null || write.version === null) return false;
  return compareVersions(entry.version, write.version) === 0 || isBefore(write, entry);
}

/** Of the greatest writes so far and one more, those that are before no other. */
export function greatest<One extends Placed>(known: readonly One[], one: One): readonly One[] {
  if (known.some((other) => includes(other, one))) return known;
  return [...known.filter((other) => !isBefore(other, one)), one];
}

/** Of the least writes so far and one more, those that no other is before. */
export function least<One extends Placed>(known: readonly One[], one: One): readonly One[] {
  if (known.some((other) => includes(one, other))) return known;
  return [...known.filter((other) => !isBefore(one, other)), one];
}

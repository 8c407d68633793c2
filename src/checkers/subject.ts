// What a level needs to be judged. A history without any such operation says nothing about the
// store, so the level is undecided.

import { isInitial, type Recorded } from './history.ts';
import { isAnswered, isWrite } from './normalize.ts';
import type { HistoryLevel } from './verdict.ts';

/**
 * Why a history says nothing about a level; undefined if it says something. Guarantees on reads
 * need a read, guarantees on servers need a write that certainly happened, and all other levels
 * need an answered operation. Writes of earlier runs do not count.
 */
export function whyNothing(history: readonly Recorded[], level: HistoryLevel): string | undefined {
  const isThere = (operation: Recorded): boolean => !isInitial(operation);
  const has = (isSuch: (answered: Recorded) => boolean): boolean =>
    history.some((one) => isThere(one) && isAnswered(one) && isSuch(one));
  if (!history.some(isThere)) return 'there was no operation';
  if (!has(() => true)) return 'no operation was answered';
  switch (level) {
    case 'read-your-writes-all-keys':
    case 'monotonic-reads-all-keys':
    case 'read-your-writes':
    case 'monotonic-reads':
      return has((one) => !isWrite(one) || one.kind === 'cas') ? undefined : 'no get was answered';
    case 'monotonic-writes':
    case 'writes-follow-reads':
      return has(isWrite) || has(findWritten(history))
        ? undefined
        : 'no put or delete was answered or read';
    default:
      return undefined;
  }
}

/** Selects reads of content that no earlier run wrote. */
function findWritten(history: readonly Recorded[]): (read: Recorded) => boolean {
  const nameOf = ({ key, value }: Recorded): string => JSON.stringify([key, value]);
  const earlier = new Set(history.filter(isInitial).map(nameOf));
  return (read) => (read.value !== null || read.version !== null) && !earlier.has(nameOf(read));
}

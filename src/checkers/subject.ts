// What a level speaks of. A history that has nothing of it keeps the level whatever the store did:
// that is no verdict, so it is undecided.
import { isAnswered, isWrite } from './gather.ts';
import { isInitial, type Recorded } from './history.ts';
import type { Level } from './verdict.ts';

/**
 * Why a history says nothing about a level; undefined if it says something. Guarantees of reads
 * need a read, those that bind servers a write that certainly happened, and all others any
 * operation that was answered. What earlier runs wrote is no operation.
 */
export function whyNothing(history: readonly Recorded[], level: Level): string | undefined {
  const isThere = (operation: Recorded): boolean => !isInitial(operation);
  const has = (isSuch: (answered: Recorded) => boolean): boolean =>
    history.some((one) => isThere(one) && isAnswered(one) && isSuch(one));
  if (!history.some(isThere)) return 'there was no operation';
  if (!has(() => true)) return 'no operation was answered';
  switch (level) {
    case 'read-your-writes':
    case 'monotonic-reads':
      return has((one) => !isWrite(one)) ? undefined : 'no get was answered';
    case 'monotonic-writes':
    case 'writes-follow-reads':
      return has(isWrite) || has(findWritten(history))
        ? undefined
        : 'no put or delete was answered or read';
    default:
      return undefined;
  }
}

/** Tells reads of what no earlier run wrote. */
function findWritten(history: readonly Recorded[]): (read: Recorded) => boolean {
  const nameOf = ({ key, value }: Recorded): string => JSON.stringify([key, value]);
  const earlier = new Set(history.filter(isInitial).map(nameOf));
  return (read) => (read.value !== null || read.version !== null) && !earlier.has(nameOf(read));
}

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
  const operations = history.filter((operation) => !isInitial(operation));
  const answered = operations.filter(isAnswered);
  if (operations.length === 0) return 'there was no operation';
  if (answered.length === 0) return 'no operation was answered';
  switch (level) {
    case 'read-your-writes':
    case 'monotonic-reads':
      return answered.every(isWrite) ? 'no get was answered' : undefined;
    case 'monotonic-writes':
    case 'writes-follow-reads':
      return showsWrite(history, answered) ? undefined : 'no put or delete was answered or read';
    default:
      return undefined;
  }
}

/** Whether there is a write among them, or a read of one. */
function showsWrite(history: readonly Recorded[], answered: readonly Recorded[]): boolean {
  if (answered.some(isWrite)) return true;
  const nameOf = ({ key, value }: Recorded): string => JSON.stringify([key, value]);
  const earlier = new Set(history.filter(isInitial).map(nameOf));
  return answered.some(
    (read) => (read.value !== null || read.version !== null) && !earlier.has(nameOf(read)),
  );
}

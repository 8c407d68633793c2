// What a level speaks of. A history that has nothing of it keeps the level whatever the store did:
// that is no verdict, so it is undecided.
import { isAnswered, isWrite } from './gather.ts';
import { isInitial, type Recorded } from './history.ts';
import type { Level } from './verdict.ts';

/**
 * Why a history says nothing about a level; undefined if it says something. Guarantees of reads
 * need a read, those that bind servers a write, and all others any operation that was answered. What
 * earlier runs wrote is no operation of this history.
 */
export function whyNothing(history: readonly Recorded[], level: Level): string | undefined {
  const own = history.filter((operation) => !isInitial(operation));
  const answered = own.filter(isAnswered);
  if (own.length === 0) return 'there was no operation';
  if (answered.length === 0) return 'no operation was answered';
  switch (level) {
    case 'read-your-writes':
    case 'monotonic-reads':
      return answered.every(isWrite) ? 'no get was answered' : undefined;
    case 'monotonic-writes':
    case 'writes-follow-reads':
      return answered.some(isWrite) ? undefined : 'no put or delete was answered';
    default:
      return undefined;
  }
}

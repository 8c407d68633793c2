// The extent of the slow suites: `npm test` runs a sample, `npm run test:full` runs all.

/** Whether all tests run. */
export const IS_FULL = process.env.CAUSEWAY_FULL === '1';

/** All of the items in a full run; otherwise this many of them, spread evenly over the list. */
export function sample<T>(items: readonly T[], count: number): readonly T[] {
  if (IS_FULL || items.length <= count) return items;
  const step = items.length / count;
  return Array.from({ length: count }, (_, index) => items[Math.floor(index * step)] as T);
}

/** A number of rounds, seeds or exercises. */
export function extent({ full, quick }: { full: number; quick: number }): number {
  return IS_FULL ? full : quick;
}

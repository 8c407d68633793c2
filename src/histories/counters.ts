// Counters in the histories of tools for which a counter begins with 0, as Jepsen's:
// https://github.com/jepsen-io/jepsen/blob/main/jepsen/src/jepsen/checker.clj. Any key to which
// something is added is one.
import type { History, Recorded } from '../checkers/history.ts';

/** What a counter holds before the first add. */
export const COUNTER_START = '0';

export function findCounters(operations: readonly Recorded[]): ReadonlySet<string> {
  return new Set(operations.filter(({ kind }) => kind === 'add').map(({ key }) => key));
}

/** A read of nothing finds a counter as it begins. */
export function tellCounters(history: History): History {
  const counters = findCounters(history.operations);
  if (counters.size === 0) return history;
  const isOfNothing = ({ kind, key, outcome }: Recorded): boolean =>
    kind === 'get' && outcome === 'absent' && counters.has(key);
  return {
    ...history,
    operations: history.operations.map((one) =>
      isOfNothing(one) ? ({ ...one, outcome: 'ok', value: COUNTER_START } as Recorded) : one,
    ),
  };
}

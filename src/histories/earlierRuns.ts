// Other tools cannot represent what was stored before a history. For them, each write of an earlier
// run becomes a normal write, by a client of its own, before everything else.

import type { History, Recorded } from '../checkers/history.ts';
import { isInitial } from '../checkers/history.ts';
import { withInitial } from '../checkers/initial.ts';
import { greatest } from '../checkers/order.ts';
import type { InitialWrite } from '../kernel/history.ts';
import { COUNTER_START, findCounters } from './counters.ts';
import type { Format } from './format.ts';

const LOSS = 'earlier runs, whose writes come first, each of a client of its own';

/** Wraps a format so that it also writes histories with initial writes. */
export function spellEarlierRuns(format: Format): Format {
  return {
    ...format,
    write: (history) => {
      const initial = findUntold(history, format);
      if (initial.length === 0) return format.write({ ...history, initial });
      const { lines, losses } = format.write(spell({ ...history, initial }));
      return { lines, losses: [LOSS, ...losses] };
    },
  };
}

/** What does not go without saying in the format. */
function findUntold({ initial = [], operations }: History, format: Format) {
  const counters = findCounters(format.hasCounters ? operations : []);
  return initial.filter(
    ({ key, value, version }) => value !== COUNTER_START || version !== null || !counters.has(key),
  );
}

function spell({ initial = [], operations, ...rest }: History): History {
  const all: readonly Recorded[] = withInitial(findNeeded(initial, operations), operations);
  const begin = all.reduce((least, { invokedAt }) => Math.min(least, invokedAt), 0);
  const taken = new Set(operations.map(({ session }) => session));
  let next = 0;
  const newSession = (): number => {
    while (taken.has(next)) next += 1;
    taken.add(next);
    return next;
  };
  const spelled = all.map((operation): Recorded => {
    const { invokedAt, returnedAt } = operation;
    const times = {
      invokedAt: invokedAt - begin,
      returnedAt: returnedAt === null ? null : returnedAt - begin,
    };
    if (!isInitial(operation)) return { ...operation, ...times };
    return { ...operation, ...times, session: newSession(), incarnation: 1, line: 1 };
  });
  return { ...rest, operations: spelled };
}

/** The initial writes that an operation can observe: those read, and the latest of each key. */
function findNeeded(
  initial: readonly InitialWrite[],
  operations: readonly Recorded[],
): InitialWrite[] {
  const read = new Set(operations.filter(({ kind }) => kind === 'get').map(nameOf));
  const keys = new Set(operations.map(({ key }) => key));
  const latest = new Map<string, readonly InitialWrite[]>();
  for (const write of initial) {
    if (write.outcome !== 'ok') continue;
    latest.set(write.key, greatest(latest.get(write.key) ?? [], write));
  }
  return initial.filter((write) => {
    if (!keys.has(write.key)) return false;
    return latest.get(write.key)?.includes(write) === true || read.has(nameOf(write));
  });
}

function nameOf({ key, version, value }: InitialWrite | Recorded): string {
  return JSON.stringify([key, version ?? value]);
}

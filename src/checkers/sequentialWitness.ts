// Turns a failed search for a sequential order into a witness: the operations that wait for each
// other in a cycle, and a sentence.
import type { Operation } from '../kernel/history.ts';
import { listed } from './causalWitness.ts';
import { at, type HistoryTable } from './historyTable.ts';
import { broken, type Judgement } from './verdict.ts';
import { tell } from './words.ts';

/**
 * The next operation of a session order cannot be placed before `awaited`, which is not placed yet.
 */
export interface Wait {
  readonly op: number;
  readonly awaited: number;
}

/** `waits` has an entry for each session order that is blocked where the search got farthest. */
export function tellStuck(table: HistoryTable, waits: readonly Wait[]): Judgement {
  const operationOf = (op: number): Operation => table.operations[op] as Operation;
  const cycle = cycleOfWaits(table, waits);
  const shown = cycle.flatMap(({ op, awaited }) => [op, awaited]);
  const told = cycle.map(
    ({ op, awaited }) => `${tell(operationOf(op))} only after ${tell(operationOf(awaited))}`,
  );
  return broken(
    'NoSequentialOrder',
    [...new Set(shown)].map(operationOf),
    `No one order of all operations suits every client; in the longest that fits ` +
      `${listed(told, ', and ')}, which the clients' own orders forbid.`,
  );
}

/** The waits on a cycle; if there is none, those on a path. */
function cycleOfWaits({ sessionOrder }: HistoryTable, waits: readonly Wait[]): readonly Wait[] {
  const waitOf = new Map(waits.map((wait) => [at(sessionOrder, wait.op), wait]));
  const walked: Wait[] = [];
  let [wait] = waits;
  while (wait !== undefined && !walked.includes(wait)) {
    walked.push(wait);
    wait = waitOf.get(at(sessionOrder, wait.awaited));
  }
  return wait === undefined ? walked : walked.slice(walked.indexOf(wait));
}

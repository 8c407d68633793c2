// A history with concurrent values as one of registers: for levels that know no such values. A get
// of one value is a read of it, also if the store has more than one write of that value, or a
// deletion beside it. Then its answer names no single write.
import { distinctValues, type Operation } from '../kernel/history.ts';
import type { Recorded } from './history.ts';
import { isWrite } from './normalize.ts';

export interface RegisterHistory<One extends Recorded = Operation> {
  /** Gets of several different values are left as they are. */
  readonly operations: readonly One[];
  /** The recorded operation, for each that is shown otherwise. */
  readonly recorded: ReadonlyMap<Recorded, One>;
  /** The first get of several different values. */
  readonly concurrent: Operation | undefined;
}

export function toRegisters<One extends Recorded>(history: readonly One[]): RegisterHistory<One> {
  const recorded = new Map<Recorded, One>();
  if (!history.some((one) => one.context !== undefined || hasSiblings(one))) {
    return { operations: history, recorded, concurrent: undefined };
  }
  const writes = new Set(history.filter(isWrite).map(nameOf));
  const operations = history.map((operation) => {
    const shown = toRead(operation, writes);
    if (shown === operation) return operation;
    recorded.set(shown, operation);
    // A get stays a get.
    return shown as One;
  });
  const concurrent = (operations as readonly Recorded[]).find(hasSiblings);
  return { operations, recorded, concurrent };
}

function hasSiblings(operation: Recorded): operation is Operation {
  return operation.kind === 'get' && operation.siblings !== undefined;
}

function toRead(operation: Recorded, writes: ReadonlySet<string>): Recorded {
  if (operation.kind !== 'get') return operation;
  const { siblings, context, ...read } = operation;
  if (siblings !== undefined) {
    if (distinctValues(siblings).length > 1) return operation;
    const [first, second] = siblings.filter(({ value }) => value !== null);
    return { ...read, ...first, ...(second !== undefined && { version: null }) };
  }
  // A get of nothing may have found several deletions, and names one of them.
  const isOne = context === undefined || read.version === null || writes.has(nameOf(operation));
  return read.value !== null || isOne ? operation : { ...read, version: null };
}

function nameOf({ key, version, context }: Recorded): string {
  return JSON.stringify([key, version, context]);
}

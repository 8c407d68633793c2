// A history with compare-and-sets as one of reads and writes, for the levels that know only these.
// One that has written is a read of what it expected and then a write, in its session; these levels
// do not ask that nothing comes between. One that has not written is a read of what it found.
import type { Operation } from '../kernel/history.ts';
import { type CompareAndSet, isPlain, type Recorded } from './history.ts';

export interface ReadsAndWrites {
  readonly operations: readonly Operation[];
  /** The recorded operation, for each that is not one. */
  readonly recorded: ReadonlyMap<Operation, Recorded>;
  /** The first that has not written, where nothing says what it found. */
  readonly blind: CompareAndSet | undefined;
}

/** Undefined if the history has other operations, such as appends. */
export function toReadsAndWrites(history: readonly Recorded[]): ReadsAndWrites | undefined {
  const recorded = new Map<Operation, Recorded>();
  const operations: Operation[] = [];
  let blind: CompareAndSet | undefined;
  for (const operation of history) {
    if (isPlain([operation])) {
      operations.push(operation as Operation);
      continue;
    }
    if (operation.kind !== 'cas') return undefined;
    const parts = partsOf(operation);
    if (parts.length === 0) blind ??= operation;
    for (const part of parts) recorded.set(part, operation);
    operations.push(...parts);
  }
  return { operations, recorded, blind };
}

function partsOf(cas: CompareAndSet): Operation[] {
  const { expected, isSet, found, transaction: _, ...rest } = cas;
  const read = readOf(cas);
  const write: Operation = { ...rest, kind: 'put' };
  if (isSet === null) return [write];
  if (!isSet) return read === undefined ? [] : [read];
  // Both have its times, as the operations of one transaction may have.
  const transaction = `compare-and-set ${rest.session}.${rest.incarnation}.${rest.seq}`;
  const first = read ?? { ...rest, ...readValue(expected), version: null };
  return [
    { ...first, transaction },
    { ...write, transaction, seq: rest.seq + 0.5 },
  ];
}

/** What it has read, if its answer says which write that was. */
export function readOf(cas: CompareAndSet): Operation | undefined {
  const { expected, isSet, found, ...rest } = cas;
  if (found === undefined || isSet === null) return undefined;
  return { ...rest, ...readValue(found.value), version: found.version };
}

function readValue(value: string | null): Pick<Operation, 'kind' | 'value' | 'outcome'> {
  return { kind: 'get', value, outcome: value === null ? 'absent' : 'ok' };
}

/**
 * A compare-and-set that has not written is a read, where it says what it found: so the search for
 * an order has to explain that, too.
 */
export function tellReads(history: readonly Recorded[]): {
  readonly operations: readonly Recorded[];
  readonly recorded: ReadonlyMap<Recorded, Recorded>;
} {
  const recorded = new Map<Recorded, Recorded>();
  if (isPlain(history)) return { operations: history, recorded };
  const operations = history.map((operation) => {
    const isRead = operation.kind === 'cas' && operation.isSet === false;
    const read = isRead ? readOf(operation) : undefined;
    if (read === undefined) return operation;
    recorded.set(read, operation);
    return read;
  });
  return { operations, recorded };
}

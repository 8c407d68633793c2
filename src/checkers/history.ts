// The type of a history that any tool may have written. It may have operations that no protocol of
// this project offers, and may have no times. The history of a run is a special case.
import type {
  Add,
  Append,
  CompareAndSet,
  InitialWrite,
  Operation,
  Pop,
  Recorded,
  SetChange,
  SetOperation,
  SetRead,
} from '../kernel/history.ts';

export type { Add, Append, CompareAndSet, Pop, Recorded, SetChange, SetOperation, SetRead };

export interface History {
  /** The content before the first operation, if the history has it. */
  readonly initial?: readonly InitialWrite[];
  /** `line` is the line of the file in which the operation begins. */
  readonly operations: readonly Recorded[];
  /** Whether the times are measured. If false, they are made up and do not order operations. */
  readonly isTimed: boolean;
  /** How many transactions of several operations it has. */
  readonly transactions: number;
}

/** The session number of writes of earlier runs, made by `withInitial`. No client has it. */
export const INITIAL_SESSION = -1;

export function isInitial({ session }: Recorded): boolean {
  return session === INITIAL_SESSION;
}

/** The kinds of operations of a register. */
export const PLAIN: ReadonlySet<Recorded['kind']> = new Set<Operation['kind']>([
  'put',
  'get',
  'delete',
]);

/** Whether all operations are puts, gets and deletes. */
export function isPlain(operations: readonly Recorded[]): operations is readonly Operation[] {
  return operations.every(({ kind }) => PLAIN.has(kind));
}

const OF_SETS: ReadonlySet<Recorded['kind']> = new Set<SetOperation['kind']>([
  'insert',
  'remove',
  'elements',
]);

export function isOfSet(operation: Recorded): operation is SetOperation {
  return OF_SETS.has(operation.kind);
}

/** An element of a key, in one text. */
export type ElementName = string;

export function nameOf(key: string, element: string): ElementName {
  return JSON.stringify([key, element]);
}

/** A read of a set, with those of its elements only that are in question. */
export interface PartOfRead extends SetRead {
  readonly among: ReadonlySet<ElementName>;
}

export function isPart(read: SetRead): read is PartOfRead {
  return 'among' in read;
}

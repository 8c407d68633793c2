// The type of a history that any tool may have written. It may have operations that no protocol of
// this project offers, and may have no times. The history of a run is a special case.
import type { InitialWrite, Operation } from '../kernel/history.ts';

type Shared = Omit<Operation, 'kind' | 'value'>;

/** Appends its value to the text of the key; an absent key counts as the empty text. */
export interface Append extends Shared {
  readonly kind: 'append';
  readonly value: string;
}

/** Writes its value if the key has the expected one; the value of an absent key is null. */
export interface CompareAndSet extends Shared {
  readonly kind: 'cas';
  readonly value: string;
  readonly expected: string | null;
  /** Whether it wrote, so whether the expectation was right; null if no answer came. */
  readonly isSet: boolean | null;
}

export type Recorded = Operation | Append | CompareAndSet;

export interface History {
  /** The content before the first operation, if the history has it. */
  readonly initial?: readonly InitialWrite[];
  /** `line` is the line of the file in which the operation begins. */
  readonly operations: readonly Recorded[];
  /** Whether the times are measured. If false, they are made up and do not order operations. */
  readonly isTimed: boolean;
  /** How many transactions of several operations were split into single operations. */
  readonly transactions: number;
}

/** The session number of writes of earlier runs, made by `withInitial`. No client has it. */
export const INITIAL_SESSION = -1;

export function isInitial({ session }: Recorded): boolean {
  return session === INITIAL_SESSION;
}

/** Whether all operations are puts, gets and deletes. */
export function isPlain(operations: readonly Recorded[]): operations is readonly Operation[] {
  return operations.every(({ kind }) => kind !== 'append' && kind !== 'cas');
}

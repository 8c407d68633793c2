// A history as any tool may have written it: with operations that no protocol here has, and perhaps
// without times. A run's own history is the plain case.
import type { Operation } from '../kernel/history.ts';

type Shared = Omit<Operation, 'kind' | 'value'>;

/** Joins its value to the end of the text that the key has; an absent key has the empty text. */
export interface Append extends Shared {
  readonly kind: 'append';
  readonly value: string;
}

/** Writes its value if the key has the expected one; an absent key has null. */
export interface CompareAndSet extends Shared {
  readonly kind: 'cas';
  readonly value: string;
  readonly expected: string | null;
  /** Whether it wrote, which says what the key had; null where no answer came. */
  readonly isSet: boolean | null;
}

export type Recorded = Operation | Append | CompareAndSet;

export interface History {
  /** `line` is where an operation begins in the file that it was read from. */
  readonly operations: readonly Recorded[];
  /** Whether times say which operation ended before which began, or are only made up. */
  readonly isTimed: boolean;
  /** How many transactions of several operations were taken apart. */
  readonly transactions: number;
}

/** Whether puts, gets and deletes are all there is. */
export function isPlain(operations: readonly Recorded[]): operations is readonly Operation[] {
  return operations.every(({ kind }) => kind !== 'append' && kind !== 'cas');
}

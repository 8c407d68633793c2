// A history as any tool may have written it: with operations that no protocol here has, and perhaps
// without times. A run's own history is the plain case.
import type { InitialWrite, Operation } from '../kernel/history.ts';

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
  /** What was there before the operations, if the history says so. */
  readonly initial?: readonly InitialWrite[];
  /** `line` is where an operation begins in the file that it was read from. */
  readonly operations: readonly Recorded[];
  /** Whether times say which operation ended before which began, or are only made up. */
  readonly isTimed: boolean;
  /** How many transactions of several operations were taken apart. */
  readonly transactions: number;
}

/** The session that no client has: of writes of earlier runs, as `withInitial` makes operations. */
export const INITIAL_SESSION = -1;

export function isInitial({ session }: Recorded): boolean {
  return session === INITIAL_SESSION;
}

/** Whether puts, gets and deletes are all there is. */
export function isPlain(operations: readonly Recorded[]): operations is readonly Operation[] {
  return operations.every(({ kind }) => kind !== 'append' && kind !== 'cas');
}

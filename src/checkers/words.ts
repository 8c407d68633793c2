// How a checker speaks of an operation: who did what to which key, and in which line of the script.
import { showValue } from '../kernel/history.ts';
import { type CompareAndSet, isInitial, type Recorded } from './history.ts';

/**
 * `client 5 put x=1 (line 3)`, `client 6 got x=1 (line 4)`, `client 6 found no x (line 4)`, `an
 * earlier run put x=1`
 */
export function tell(operation: Recorded): string {
  const { session, kind, key, value } = operation;
  if (isInitial(operation)) {
    const did = kind === 'delete' ? `deleted ${key}` : `put ${key}=${showValue(value)}`;
    return `an earlier run ${did}`;
  }
  if (kind === 'append') {
    return `client ${session} appended ${showValue(value)} to ${key} ${where(operation)}`;
  }
  if (kind === 'cas') return tellCas(operation);
  if (kind === 'put') return `client ${session} put ${key}=${showValue(value)} ${where(operation)}`;
  if (kind === 'delete') return `client ${session} deleted ${key} ${where(operation)}`;
  const found = value === null ? `found no ${key}` : `got ${key}=${showValue(value)}`;
  return `client ${session} ${found} ${where(operation)}`;
}

/** `client 5 put x=2 in place of x=1 (line 3)`, or what kept it from that */
function tellCas(operation: CompareAndSet): string {
  const { session, key, value, expected, isSet } = operation;
  const had = expected === null ? `no ${key}` : `${key}=${showValue(expected)}`;
  const put = `put ${key}=${showValue(value)}`;
  const place = where(operation);
  return isSet === false
    ? `client ${session} did not ${put}, as it found other than ${had} ${place}`
    : `client ${session} ${put} in place of ${had} ${place}`;
}

/** `x=1`, or `no x`: what a write leaves, or what a read gave. */
export function content({ kind, key, value }: Recorded): string {
  return kind === 'delete' || value === null ? `no ${key}` : `${key}=${showValue(value)}`;
}

/** `x=1`, or `the deletion of x`. */
export function written({ kind, key, value }: Recorded): string {
  return kind === 'delete' ? `the deletion of ${key}` : `${key}=${showValue(value)}`;
}

/** `(line 3)`, `(an earlier run)` */
export function where(operation: Recorded): string {
  return isInitial(operation) ? '(an earlier run)' : `(line ${operation.line})`;
}

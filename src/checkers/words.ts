// How a checker speaks of an operation: who did what to which key, and in which line of the script.
import type { Operation } from '../kernel/history.ts';

/** `client 5 put x=1 (line 3)`, `client 6 got x=1 (line 4)`, `client 6 found no x (line 4)` */
export function tell(operation: Operation): string {
  const { session, kind, key, value } = operation;
  if (kind === 'put') return `client ${session} put ${key}=${value} ${where(operation)}`;
  if (kind === 'delete') return `client ${session} deleted ${key} ${where(operation)}`;
  const found = value === null ? `found no ${key}` : `got ${key}=${value}`;
  return `client ${session} ${found} ${where(operation)}`;
}

/** `x=1`, or `no x`: what a write leaves, or what a read gave. */
export function content({ kind, key, value }: Operation): string {
  return kind === 'delete' || value === null ? `no ${key}` : `${key}=${value}`;
}

/** `x=1`, or `the deletion of x`. */
export function written({ kind, key, value }: Operation): string {
  return kind === 'delete' ? `the deletion of ${key}` : `${key}=${value}`;
}

/** `(line 3)` */
export function where({ line }: Operation): string {
  return `(line ${line})`;
}

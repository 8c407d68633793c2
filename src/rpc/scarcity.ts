// The error codes of the system that mean "no more of these", not "not this one".

const CODES: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM']);

/** Whether an error means that a resource of the system is exhausted. This is never a bug. */
export function isScarcity(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && CODES.has(error.code);
}

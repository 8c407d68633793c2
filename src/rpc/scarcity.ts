// The system's reasons that mean "no more of these", rather than "not this one".

const CODES: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM']);

/** Whether an error says that the system has too little of something: no bug, wherever it comes. */
export function isScarcity(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && CODES.has(error.code);
}

// The errors of NATS, and what they leave open.
import { CallError, declareErrors } from '../../kernel/errors.ts';
import { SHOWN_CHARACTERS, storeError } from '../storeErrors.ts';

export const errors = declareErrors({
  ERR_NATS_NO_RESPONDERS: storeError(true, 'no server that it reaches answers for the bucket'),
  ERR_NATS_REFUSED: storeError(true, 'NATS refuses it'),
  ERR_NATS_FAILED: storeError(false, 'NATS has failed, and may have done it or not'),
});

/** Another write of the key came between the read of its revision and this write. */
export const WRONG_LAST_SEQUENCE = 10071;

/**
 * The codes of JetStream with which it answers before it does anything: too few resources, no
 * JetStream for the account or at all, a message over the limit, no such stream, another stream,
 * another last sequence, a sealed stream.
 */
const REFUSALS: ReadonlySet<unknown> = new Set([
  ...[10023, 10039, 10054, 10059, 10060, WRONG_LAST_SEQUENCE, 10076, 10109],
]);

/** Errors of the client's library that mean that no answer came, for whatever reason. */
const SILENCES: ReadonlySet<string> = new Set([
  ...['TimeoutError', 'RequestError', 'ClosedConnectionError', 'ConnectionError'],
]);
/** Errors with which a server answers. */
const ANSWERS: ReadonlySet<string> = new Set([
  ...['JetStreamApiError', 'JetStreamStatusError', 'JetStreamError', 'StreamNotFoundError'],
  ...['JetStreamNotEnabled', 'PermissionViolationError', 'ProtocolError', 'AuthorizationError'],
]);

/** An error of the client's library, by its shape: the library is loaded when a script needs it. */
interface LibraryError extends Error {
  readonly code?: unknown;
}

/**
 * The CallError for what an operation was rejected with. Refused is only what certainly was not
 * done. What is no error of NATS is thrown again: it is a bug.
 */
export function toCallError(error: unknown): CallError {
  if (error instanceof CallError) return error;
  if (!(error instanceof Error)) throw error;
  const { name, message, code } = error as LibraryError;
  const told = message.slice(0, SHOWN_CHARACTERS);
  if (hasNoResponders(error)) return new CallError('ERR_NATS_NO_RESPONDERS', told, told);
  if (SILENCES.has(name)) return new CallError('ERR_UNREACHABLE', told);
  if (!ANSWERS.has(name)) throw error;
  return new CallError(REFUSALS.has(code) ? 'ERR_NATS_REFUSED' : 'ERR_NATS_FAILED', told, told);
}

/** Whether the client's own server said that nobody takes such a request. */
function hasNoResponders({ name, cause }: Error): boolean {
  return name === 'NoResponders' || (cause instanceof Error && hasNoResponders(cause));
}

export function isConflict(error: unknown): boolean {
  return error instanceof Error && (error as LibraryError).code === WRONG_LAST_SEQUENCE;
}

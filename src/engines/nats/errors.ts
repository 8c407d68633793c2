// The errors of NATS, and what they leave open.
import { CallError, declareErrors } from '../../kernel/errors.ts';
import { SHOWN_CHARACTERS, storeError } from '../store/storeErrors.ts';

export const errors = declareErrors({
  ERR_NATS_NO_RESPONDERS: storeError(true, 'no server that it reaches answers for the bucket'),
  ERR_NATS_REFUSED: storeError(true, 'NATS refuses it'),
  ERR_NATS_FAILED: storeError(false, 'NATS has failed, and may have done it or not'),
});

/** Another write of the key came between the read of its revision and this write. */
const WRONG_LAST_SEQUENCE = 10071;

/** The write came too late for the revision that it names, so it was not done. */
export class Conflict extends CallError {}

/**
 * The codes of JetStream with which it answers before it does anything: too few resources, no
 * JetStream for the account or at all, a message over the limit, no such stream, another stream,
 * a sealed stream.
 */
const REFUSALS: ReadonlySet<unknown> = new Set([
  ...[10023, 10039, 10054, 10059, 10060, 10076, 10109],
]);

/** Errors of the client's library that mean that no answer came, for whatever reason. */
const SILENCES: ReadonlySet<string> = new Set([
  ...['TimeoutError', 'RequestError', 'ClosedConnectionError', 'ConnectionError'],
]);
/** Errors of the client's library that mean that nothing was sent, as a value over the limit. */
const UNSENT: ReadonlySet<string> = new Set(['InvalidArgumentError', 'InvalidSubjectError']);

/** An error of the client's library, by its shape: the library is loaded when a script needs it. */
interface LibraryError extends Error {
  readonly code?: unknown;
  /** Of a `PermissionViolationError`. */
  readonly operation?: unknown;
}

/**
 * The CallError for what the client's library has rejected an operation with. Refused is only what
 * certainly was not done. The library trusts what it reads, so an answer that is no answer of NATS
 * makes errors of any kind in it; they leave the outcome open.
 */
export function toCallError(error: unknown): CallError {
  const { name = '', message = String(error), code } = (error ?? {}) as Partial<LibraryError>;
  const isForeign = error instanceof TypeError || error instanceof SyntaxError;
  const told = `${isForeign ? 'no answer of NATS: ' : ''}${message}`.slice(0, SHOWN_CHARACTERS);
  // The library says of it that JetStream is not enabled, which is seldom the reason.
  if (hasNoResponders(error)) return new CallError('ERR_NATS_NO_RESPONDERS', told);
  const forbidden = forbiddenIn(error);
  if (forbidden !== undefined) return new CallError('ERR_NATS_REFUSED', forbidden, forbidden);
  if (SILENCES.has(name)) return new CallError('ERR_UNREACHABLE', told);
  if (code === WRONG_LAST_SEQUENCE) return new Conflict('ERR_NATS_REFUSED', told, told);
  const isRefused = UNSENT.has(name) || REFUSALS.has(code);
  return new CallError(isRefused ? 'ERR_NATS_REFUSED' : 'ERR_NATS_FAILED', told, told);
}

/** The number of a message. Throws a CallError if it is none, or not from `least` on. */
export function toRevision(seen: unknown, least = 1): number {
  if (Number.isSafeInteger(seen) && (seen as number) >= least) return seen as number;
  throw new CallError('ERR_NATS_FAILED', 'no number of a message', 'no number of a message');
}

/** What NATS says of a request that its user may not make; it drops such a request. */
function forbiddenIn(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { name, message, cause, operation } = error as LibraryError;
  const isForbidden = name === 'PermissionViolationError' && operation === 'publish';
  return isForbidden ? message.slice(0, SHOWN_CHARACTERS) : forbiddenIn(cause);
}

/** Whether the client's own server said that no server takes such a request. */
function hasNoResponders(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'NoResponders' || hasNoResponders(error.cause);
}

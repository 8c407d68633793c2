// The errors of PostgreSQL, and what they leave open.
import { CallError, declareErrors } from '../../kernel/errors.ts';
import { SHOWN_CHARACTERS, storeError } from '../store/storeErrors.ts';

export const errors = declareErrors({
  ERR_POSTGRES_REFUSED: storeError(true, 'PostgreSQL refuses it'),
  ERR_POSTGRES_FAILED: storeError(false, 'PostgreSQL has failed, and may have done it or not'),
  ERR_POSTGRES_NOT_COPIED: storeError(
    false,
    'the primary has committed it, but too few standbys have said so',
  ),
});

/** By their names, statement_completion_unknown and transaction_resolution_unknown. */
const OPEN: ReadonlySet<unknown> = new Set(['40003', '08007']);

/** What the driver reports of the server; other errors have no severity. */
export interface Report {
  readonly severity?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
}

/**
 * The error of a statement that is a transaction of its own. `ERROR` says that the transaction was
 * rolled back. `FATAL` and `PANIC` end the session, perhaps after the commit. An error without a
 * severity is the end of the connection.
 */
export function toCallError({ severity, code, message }: Report): CallError {
  const told = String(message ?? 'no text').slice(0, SHOWN_CHARACTERS);
  if (typeof severity !== 'string') return new CallError('ERR_UNREACHABLE', told);
  const isRefused = severity === 'ERROR' && !OPEN.has(code);
  return new CallError(isRefused ? 'ERR_POSTGRES_REFUSED' : 'ERR_POSTGRES_FAILED', told, told);
}

/**
 * PostgreSQL's own warning after a commit whose wait for standbys was cancelled has this code. The
 * statements of clients cause no other warnings.
 */
export function saysNotCopied({ code }: Report): boolean {
  return code === '01000';
}

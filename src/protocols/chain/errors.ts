// The error code that only the chain protocol has.
import { CallError, declareErrors } from '../../kernel/errors.ts';

export const STALE_EPOCH = 'ERR_STALE_EPOCH';

export const errors = declareErrors({
  [STALE_EPOCH]: { definite: true, text: 'the configuration is not the current one' },
});

/** The request belongs to another epoch, or in this epoch to another server. */
export function staleEpoch(detail: string): CallError {
  return new CallError(STALE_EPOCH, detail);
}

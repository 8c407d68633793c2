// Errors that only this protocol's calls have.
import { declareErrors } from '../../kernel/errors.ts';

export const ERRORS = declareErrors({
  ERR_STALE_EPOCH: { definite: true, text: 'the configuration is not the current one' },
});

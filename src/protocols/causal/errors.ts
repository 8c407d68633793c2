// Errors that only this protocol's calls have.
import { declareErrors } from '../../kernel/errors.ts';

export const ERRORS = declareErrors({
  ERR_STALE_ROUND: { definite: true, text: 'the round is over, a later one has begun' },
  ERR_NEWCOMER: { definite: true, text: 'a server that has joined and has heard of no other yet' },
});

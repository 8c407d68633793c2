// The error codes that only the causal protocol has.
import { CallError, declareErrors } from '../../kernel/errors.ts';

export const errors = declareErrors({
  ERR_STALE_ROUND: { definite: true, text: 'the round is over, a later one has begun' },
  ERR_NEWCOMER: {
    definite: true,
    text: 'a server that has joined and has heard of no other yet',
  },
});

export function staleRound(): CallError {
  return new CallError('ERR_STALE_ROUND');
}

export function newcomer(): CallError {
  return new CallError('ERR_NEWCOMER');
}

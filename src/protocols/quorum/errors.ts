// The error codes that only the quorum protocol has. All are definite: nothing was done.
import { CallError, declareErrors } from '../../kernel/errors.ts';

export const errors = declareErrors({
  ERR_UNAVAILABLE: {
    definite: true,
    isAnswer: true,
    text: 'fewer replicas are believed alive than the level asks for',
  },
  ERR_SIBLINGS: {
    definite: true,
    isAnswer: true,
    text: 'the concurrent values of the key are too large together: get and put it again',
  },
  ERR_NO_RING: { definite: true, text: 'the ring is not known yet' },
  ERR_STALE_RING: { definite: true, text: 'a request for another ring' },
  ERR_NOT_COPIED: { definite: true, text: 'this member has not copied its ranges yet' },
});

export function unavailable(needed: number, alive: number): CallError {
  return new CallError('ERR_UNAVAILABLE', `${alive} of ${needed}`, { needed, alive });
}

export function noRing(detail: string): CallError {
  return new CallError('ERR_NO_RING', detail);
}

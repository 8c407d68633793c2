// The error codes that only the quorum protocol has. All are definite: nothing was done.
import * as v from 'valibot';
import { CallError, declareErrors } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';

export const errors = declareErrors({
  ERR_UNAVAILABLE: {
    definite: true,
    isAnswer: true,
    text: 'fewer replicas are believed alive than the level asks for',
    tell: (data) => tellCount(data, 'alive'),
  },
  ERR_LEVEL: {
    definite: true,
    isAnswer: true,
    text: 'the level asks for more replicas than the ring has',
    tell: (data) => tellCount(data, 'n'),
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

/** `1 of 2`: how many there are, of those that are needed. */
function tellCount(data: Json, field: 'alive' | 'n'): string | undefined {
  const parsed = v.safeParse(v.looseObject({ needed: v.number(), [field]: v.number() }), data);
  return parsed.success ? `${parsed.output[field]} of ${parsed.output.needed}` : undefined;
}

/** `alive`: how many of the needed replicas are believed alive. */
export function unavailable(needed: number, alive: number): CallError {
  return new CallError('ERR_UNAVAILABLE', `${alive} of ${needed}`, { needed, alive });
}

/** `n`: how many replicas the ring has of each key. */
export function tooHigh(needed: number, n: number): CallError {
  return new CallError('ERR_LEVEL', `${n} of ${needed}`, { needed, n });
}

export function noRing(detail: string): CallError {
  return new CallError('ERR_NO_RING', detail);
}

// The error codes that only the sharded protocol has.
import { CallError, declareErrors } from '../../kernel/errors.ts';

export const WRONG_OWNER = 'ERR_WRONG_OWNER';
export const STALE_EPOCH = 'ERR_STALE_EPOCH';
export const NOT_A_MEMBER = 'ERR_NOT_A_MEMBER';
export const LAST_COPY = 'ERR_LAST_COPY';
export const UNDONE = 'ERR_UNDONE';
export const NO_OWNER = 'ERR_NO_OWNER';
export const NOT_ALIVE = 'ERR_NOT_ALIVE';
export const IS_MEMBER = 'ERR_IS_MEMBER';
export const VALUE_LIMIT = 'ERR_VALUE_LIMIT';

export const errors = declareErrors({
  [WRONG_OWNER]: { definite: true, text: 'the key belongs to another server now' },
  [STALE_EPOCH]: { definite: true, text: 'the configuration is not the current one' },
  [NOT_A_MEMBER]: { definite: true, text: 'the server belongs to no group' },
  [LAST_COPY]: { definite: true, text: 'the data would be lost' },
  [UNDONE]: { definite: true, text: 'the move of shards was undone' },
  [NO_OWNER]: { definite: true, text: 'no server answers for the key' },
  [NOT_ALIVE]: { definite: true, text: 'no such server is alive' },
  [IS_MEMBER]: { definite: true, text: 'the server belongs to a group already' },
  [VALUE_LIMIT]: { definite: true, isAnswer: true, text: 'the value would be over its limit' },
});

/** `number`: of the configuration by which the server has refused. Data are never with it. */
export function wrongOwner(number: number): CallError {
  return new CallError(WRONG_OWNER, `by configuration ${number}`, { number });
}

/** The message belongs to another epoch of the group, or in this epoch to another server. */
export function staleEpoch(detail: string): CallError {
  return new CallError(STALE_EPOCH, detail);
}

/** What was under way in an epoch may have taken effect, or not. */
export function over(): CallError {
  return new CallError('ERR_UNREACHABLE', 'the epoch ended meanwhile');
}

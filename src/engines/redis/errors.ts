// The errors of Redis, and what they leave open.
import { CallError, declareErrors } from '../../kernel/errors.ts';
import { SHOWN_CHARACTERS, storeError } from '../store/storeErrors.ts';

export const errors = declareErrors({
  ERR_REDIS_REFUSED: storeError(true, 'Redis refuses it'),
  ERR_REDIS_FAILED: storeError(false, 'Redis has failed, and may have done it or not'),
  ERR_REDIS_NOT_COPIED: storeError(false, 'the primary has it, but too few replicas have said so'),
});

/** The first words of errors with which Redis answers before it does anything. */
const REFUSALS: ReadonlySet<string> = new Set([
  ...['READONLY', 'NOREPLICAS', 'LOADING', 'MASTERDOWN', 'MISCONF', 'OOM', 'NOAUTH', 'NOPERM'],
]);

/** Where in a script of Causeway the error came up. */
const PLACE = / script: \w+, on @user_script:\d+\.$/;

export function toCallError(text: string): CallError {
  const [first = ''] = text.split(' ');
  const told = text.replace(PLACE, '').slice(0, SHOWN_CHARACTERS);
  return new CallError(REFUSALS.has(first) ? 'ERR_REDIS_REFUSED' : 'ERR_REDIS_FAILED', told, told);
}

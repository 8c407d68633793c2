// The errors of Redis, and what they leave open.
import { CallError, declareErrors, type ErrorSpec } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';

const SHOWN_CHARACTERS = 200;

function error(definite: boolean, text: string): ErrorSpec {
  return { definite, text, isAnswer: true, tell };
}

/** The data is Redis's own text. */
function tell(data: Json): string | undefined {
  return typeof data === 'string' ? data.slice(0, SHOWN_CHARACTERS) : undefined;
}

export const errors = declareErrors({
  ERR_REDIS_REFUSED: error(true, 'Redis refuses it'),
  ERR_REDIS_FAILED: error(false, 'Redis has failed, and may have done it or not'),
  ERR_REDIS_NOT_COPIED: error(false, 'the primary has it, but too few replicas have said so'),
});

/** The first words of errors with which Redis answers before it does anything. */
const REFUSALS: ReadonlySet<string> = new Set([
  ...['READONLY', 'NOREPLICAS', 'LOADING', 'MASTERDOWN', 'MISCONF', 'OOM', 'NOAUTH', 'NOPERM'],
]);

export function toCallError(text: string): CallError {
  const [first = ''] = text.split(' ');
  const told = text.slice(0, SHOWN_CHARACTERS);
  return new CallError(REFUSALS.has(first) ? 'ERR_REDIS_REFUSED' : 'ERR_REDIS_FAILED', told, told);
}

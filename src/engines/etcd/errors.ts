// The errors of etcd, and what they leave open.
import { CallError, declareErrors, type ErrorSpec } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';

const SHOWN_CHARACTERS = 200;

function error(definite: boolean, text: string): ErrorSpec {
  return { definite, text, isAnswer: true, tell };
}

/** The data is etcd's own text. */
function tell(data: Json): string | undefined {
  return typeof data === 'string' ? data.slice(0, SHOWN_CHARACTERS) : undefined;
}

export const errors = declareErrors({
  ERR_ETCD_REFUSED: error(true, 'etcd refuses it'),
  ERR_ETCD_FAILED: error(false, 'etcd has failed, and may have done it or not'),
});

/**
 * The codes of gRPC with which etcd answers before it does anything: an invalid argument, no
 * permission, a resource that is exhausted, a method that it does not have, no authentication.
 */
const REFUSALS: ReadonlySet<unknown> = new Set([3, 7, 8, 12, 16]);
/** It has a code that other errors have too. */
const LEARNER = 'not supported for learner';

/** The error of an answer that is no success. Refused is only what certainly was not done. */
export function toCallError(body: unknown): CallError {
  const { code, message, error: text } = (body ?? {}) as { [field: string]: unknown };
  const told = [message, text].find((one) => typeof one === 'string') ?? 'no text';
  const isRefused = REFUSALS.has(code) || String(told).includes(LEARNER);
  return new CallError(
    isRefused ? 'ERR_ETCD_REFUSED' : 'ERR_ETCD_FAILED',
    String(told).slice(0, SHOWN_CHARACTERS),
    String(told),
  );
}

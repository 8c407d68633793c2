// The errors of etcd, and what they leave open.
import { CallError, declareErrors } from '../../kernel/errors.ts';
import { SHOWN_CHARACTERS, storeError } from '../store/storeErrors.ts';

export const errors = declareErrors({
  ERR_ETCD_REFUSED: storeError(true, 'etcd refuses it'),
  ERR_ETCD_FAILED: storeError(false, 'etcd has failed, and may have done it or not'),
});

/**
 * The codes of gRPC with which etcd answers before it does anything: an invalid argument, no
 * permission, a resource that is exhausted, a method that it does not have, no authentication.
 */
const REFUSALS: ReadonlySet<unknown> = new Set([3, 7, 8, 12, 16]);
/** It has a code that other errors have too. */
const LEARNER = 'not supported for learner';
/** etcd also says so of a write that it has applied, if that one has filled the space. */
const FULL = 'database space exceeded';

/** The error of an answer that is no success. Refused is only what certainly was not done. */
export function toCallError(body: unknown): CallError {
  const { code, message, error: text } = (body ?? {}) as { [field: string]: unknown };
  const told = [message, text].find((one) => typeof one === 'string') ?? 'no text';
  const says = (words: string): boolean => String(told).includes(words);
  const isRefused = (REFUSALS.has(code) && !says(FULL)) || says(LEARNER);
  return new CallError(
    isRefused ? 'ERR_ETCD_REFUSED' : 'ERR_ETCD_FAILED',
    String(told).slice(0, SHOWN_CHARACTERS),
    String(told),
  );
}

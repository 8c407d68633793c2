// What a protocol may claim of the histories of its runs.
import { assert } from './errors.ts';

export const GUARANTEES = [
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
  'causal',
  'linearizable',
  'convergence',
] as const;

export type Guarantee = (typeof GUARANTEES)[number];

/**
 * The claims of that protocol. A misspelt one is an error: it would never be judged, and so look as
 * if it always held.
 */
export function asGuarantees(protocol: string, claims: readonly Guarantee[]): readonly Guarantee[] {
  const known: readonly string[] = GUARANTEES;
  const unknown = claims.find((claim) => !known.includes(claim));
  assert(
    unknown === undefined,
    () => `${protocol} claims ${unknown}, which is none of ${GUARANTEES.join(', ')}`,
  );
  return claims;
}

// The levels that a history is judged for, derived from the guarantees of a protocol.
import { LEVELS, type Level } from '../checkers/index.ts';
import type { Guarantee } from '../kernel/guarantee.ts';

const SESSION_GUARANTEES: readonly Guarantee[] = [
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
];

/**
 * The four session guarantees together are equivalent to causal consistency (Brzezinski, Sobaniec,
 * Wawrzyniak, "From Session Causality to Causal Consistency", PDP 2004), so a protocol with all of
 * them is also judged for that. Convergence is judged from stores, not from a history.
 */
export function levelsOf(guarantees: readonly Guarantee[]): Level[] {
  const levels = LEVELS.filter((level) => (guarantees as readonly string[]).includes(level));
  const isCausal = SESSION_GUARANTEES.every((guarantee) => guarantees.includes(guarantee));
  return isCausal && !levels.includes('causal') ? [...levels, 'causal'] : levels;
}

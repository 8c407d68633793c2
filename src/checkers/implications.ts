// The lattice of the levels: which level implies which.
import type { HistoryLevel, Level } from './verdict.ts';

export type Implications<L extends HistoryLevel = Level> = ReadonlyMap<L, readonly L[]>;

/** The levels that each level directly implies, for every history. */
export const IMPLIES: Implications = new Map([
  ['linearizable', ['sequential']],
  ['sequential', ['causal-memory', 'causal-convergence']],
  ['causal-memory', ['causal', 'pram']],
  ['causal-convergence', ['causal']],
  ['read-your-writes-all-keys', ['read-your-writes']],
  ['monotonic-reads-all-keys', ['monotonic-reads']],
]);

/**
 * The levels that it also implies where no answer says what its server had applied: what clients
 * observe is all that there is of these guarantees then. The other guarantees are about servers,
 * and no level that is about clients implies them.
 */
export const IMPLIES_AS_SEEN: Implications = new Map([
  ['causal-convergence', ['read-your-writes', 'monotonic-reads']],
  ['pram', ['read-your-writes', 'monotonic-reads']],
]);

/** The isolation levels of transactions. Neither causal level without convergence implies them. */
export const IMPLIES_OF_TRANSACTIONS: Implications<HistoryLevel> = new Map([
  ['causal-convergence', ['read-atomic']],
  ['read-atomic', ['read-committed']],
]);

/** The transitive closure of the implications. */
export function impliedBy<L extends HistoryLevel>(
  level: L,
  implications: readonly Implications<L>[],
): ReadonlySet<L> {
  const all = new Set<L>();
  const waiting = [level];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const weaker of implications.flatMap((map) => map.get(next as L) ?? [])) {
      if (!all.has(weaker)) waiting.push(weaker);
      all.add(weaker);
    }
  }
  return all;
}

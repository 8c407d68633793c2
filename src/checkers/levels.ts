// The names of all levels, for those who offer them and judge nothing.
import type { Level, StoreLevel } from './verdict.ts';

/** Strongest first. CM and CCv cannot be compared, nor can the four session guarantees. */
export const LEVELS: readonly Level[] = [
  'linearizable',
  'sequential',
  'causal-memory',
  'causal-convergence',
  'causal',
  'pram',
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
];

/** What is seen at the servers. */
export const STORE_LEVELS: readonly StoreLevel[] = ['convergence', 'no-lost-writes'];

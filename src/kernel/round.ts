// A round of stabilize: what its root is told, and what it reports.
import type { NodeId } from './ids.ts';

export interface RoundOrder {
  /** Counts the rounds of a run upwards. */
  round: number;
  /** Servers that did not answer earlier in this command. */
  avoid: NodeId[];
  /** Every live server of the run. */
  known: NodeId[];
  budgetMs: number;
}

/** The servers that a round reached, and those that did not answer. */
export interface RoundOutcome {
  readonly reached: NodeId[];
  readonly missing: NodeId[];
}

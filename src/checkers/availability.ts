// Counts the operations that clients requested and that got no answer: the price of the guarantees.
// A refused operation never breaks a guarantee, so only this file counts it.
import type { NodeId } from '../kernel/ids.ts';
import { isInitial, type Recorded } from './history.ts';

export interface ClientAvailability {
  readonly client: NodeId;
  readonly asked: number;
  /** A get that finds no key counts as answered. */
  readonly answered: number;
  /** Refused with ERR_DEP: the server had not applied what the session depends on. */
  readonly refused: number;
  /** Certainly did not happen: no server could be reached. */
  readonly failed: number;
  /** No answer came; a write may or may not have happened. */
  readonly unanswered: number;
}

type Counts = { -readonly [field in keyof ClientAvailability]: ClientAvailability[field] };

const FIELDS = {
  ok: 'answered',
  absent: 'answered',
  stale: 'refused',
  fail: 'failed',
  unknown: 'unanswered',
} as const;

/** One entry for each client, over all its incarnations, sorted by client number. */
export function availabilityOf(history: readonly Recorded[]): ClientAvailability[] {
  const countsByClient = new Map<NodeId, Counts>();
  for (const operation of history) {
    if (isInitial(operation)) continue;
    const { session, outcome } = operation;
    let counts = countsByClient.get(session);
    if (counts === undefined) {
      counts = { client: session, asked: 0, answered: 0, refused: 0, failed: 0, unanswered: 0 };
      countsByClient.set(session, counts);
    }
    counts.asked += 1;
    counts[FIELDS[outcome]] += 1;
  }
  return [...countsByClient.values()].sort((a, b) => a.client - b.client);
}

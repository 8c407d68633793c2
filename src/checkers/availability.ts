// What the guarantees cost: the operations that clients asked for and got no answer to. A refusal
// never breaks a guarantee, so it is counted here and nowhere else.
import type { NodeId } from '../kernel/ids.ts';
import { isInitial, type Recorded } from './history.ts';

export interface ClientAvailability {
  readonly client: NodeId;
  readonly asked: number;
  /** An absent key is an answer. */
  readonly answered: number;
  /** Refused with ERR_DEP, as the server had not seen what the session depends on. */
  readonly refused: number;
  /** Certainly did not happen: no server could be asked. */
  readonly failed: number;
  /** No answer came; a write may have happened or not. */
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

/** One entry a client, all its lives together, by number. */
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

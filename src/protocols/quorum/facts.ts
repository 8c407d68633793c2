// What servers report to the invariants: events that their state does not keep.
import type { NodeId } from '../../kernel/ids.ts';
import type { Write } from './write.ts';

/** A coordinator has given a write its version. */
export interface Accepted {
  readonly kind: 'accepted';
  readonly write: Write;
  readonly session: readonly [NodeId, number];
  readonly seq: number;
}

/** A replica says that it has the write durably, or a later one of its key. */
export interface Kept {
  readonly kind: 'kept';
  readonly write: Write;
}

/** A coordinator acknowledges a write, because these replicas have confirmed it. */
export interface Acknowledged {
  readonly kind: 'acknowledged';
  readonly write: Write;
  readonly needed: number;
  readonly confirmations: readonly NodeId[];
}

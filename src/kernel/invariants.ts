// Invariants of a protocol, and what they see of a node: the simulation checks them after every
// event.
import type { Life, Role } from './ids.ts';
import type { Json } from './json.ts';

/** One live node as an invariant sees it. */
export interface Witnessed {
  readonly life: Life;
  readonly role: Role;
  /** The `state` of its replica or session. */
  readonly state: unknown;
  /** What would be left of a server's log if the power failed now; only with a log. */
  readonly durable?: () => DurableLog;
  /** The records that were given to its log and are not confirmed yet; only with a log. */
  readonly pending?: () => readonly Json[];
}

/** The durable records of a log. The list only grows, until `generation` changes. */
export interface DurableLog {
  readonly generation: number;
  readonly records: readonly Json[];
}

/**
 * Invariants that are checked after every event of a simulation, on the node of the event. A check
 * that fails throws a Bug that cites the invariant's number. Checks may read state, never change
 * it.
 */
export interface Invariants {
  /** `facts` are what the node has observed since the last check, in order. */
  changed(node: Witnessed, facts: readonly object[]): void;
  /** A life has ended. */
  ended?(life: Life): void;
  /** A round of stabilize begins; `servers` are all that lived when it was asked for. */
  stabilizing(round: number, servers: readonly Witnessed[]): void;
  /** The round has ended, and reports that it reached these. */
  stabilized(round: number, reached: readonly Witnessed[]): void;
}

export const NO_INVARIANTS: Invariants = {
  changed: () => undefined,
  stabilizing: () => undefined,
  stabilized: () => undefined,
};

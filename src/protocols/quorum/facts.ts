// What servers and sessions report to the invariants: events that their state does not keep.
import type { ContextTuples } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Level } from './levels.ts';
import type { Write } from './write.ts';

/** A coordinator has given a write its version. */
export interface Accepted {
  readonly kind: 'accepted';
  readonly write: Write;
  readonly session: readonly [NodeId, number];
  readonly seq: number;
}

/** A coordinator keeps a write for these servers. */
export interface Hinted {
  readonly kind: 'hinted';
  readonly write: Write;
  readonly owners: readonly NodeId[];
}

/** Hints are removed, because their owner has the writes, or `keeper` keeps them for it. */
export interface Paid {
  readonly kind: 'paid';
  readonly owner: NodeId;
  readonly keeper: NodeId;
  readonly writes: readonly Write[];
}

/** A replica has the write durably, or one that supersedes it. */
export interface Kept {
  readonly kind: 'kept';
  readonly write: Write;
}

/** A stand-in has the write durably for that owner, or one that supersedes it. */
export interface StoodIn {
  readonly kind: 'stood in';
  readonly owner: NodeId;
  readonly write: Write;
}

/** A coordinator acknowledges a write, because these servers have confirmed it. */
export interface Acknowledged {
  readonly kind: 'acknowledged';
  readonly write: Write;
  readonly needed: number;
  readonly confirmations: readonly NodeId[];
  /** The lists of replicas in each of which so many had to confirm. */
  readonly lists: readonly (readonly NodeId[])[];
}

/** A request is passed on. */
export interface Passed {
  readonly kind: 'passed on';
  readonly to: NodeId;
  /** Whether the sender believes that server alive. */
  readonly isBelieved: boolean;
}

/** A session is about to put, knowing these writes of the key. */
export interface Asked {
  readonly kind: 'asks put';
  readonly seq: number;
  readonly key: string;
  readonly known: ContextTuples | null;
}

/** An answer to a session. */
export interface Answered {
  readonly kind: 'answered put' | 'answered get';
  readonly key: string;
  /** The write that was made, or the newest that were found. */
  readonly writes: readonly Write[];
  readonly level: Level;
  /** Whether stand-ins count too. */
  readonly isSloppy: boolean;
}

/** A session was told that its put was certainly not done. */
export interface Refused {
  readonly kind: 'refused put';
  readonly seq: number;
}

export type ServerFact = Accepted | Hinted | Paid | Kept | StoodIn | Acknowledged | Passed;
export type SessionFact = Asked | Answered | Refused;

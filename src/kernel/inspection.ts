// What `inspect` shows: fields of the protocol's own, and parts of fixed shapes that a picture of a
// run can draw.
import type { VersionTuple } from './history.ts';
import type { NodeId } from './ids.ts';
import type { Json } from './json.ts';

/** One value of a key. A key with concurrent values has several entries. */
export type InspectedEntry = {
  readonly key: string;
  /** Null for a tombstone. */
  readonly value: string | null;
  readonly version: VersionTuple | null;
};

/** A write that is kept for another server. */
export type InspectedHint = InspectedEntry & { readonly owner: NodeId };

/** A server's position on a ring of tokens, as the text that orders it. */
export type InspectedToken = { readonly server: NodeId; readonly token: string };

/** A chain in which this server has a position; `arc` is the server whose arc it replicates. */
export type InspectedChain = {
  readonly arc: NodeId;
  /** From head to tail. */
  readonly members: readonly NodeId[];
};

/** A group of servers that replicate the same keys. */
export type InspectedGroup = {
  readonly group: number;
  readonly primary: NodeId | null;
  readonly secondaries: readonly NodeId[];
};

/** The parts that have a fixed shape; a protocol shows those that it has. */
export interface InspectedParts {
  readonly store?: readonly InspectedEntry[];
  readonly hints?: readonly InspectedHint[];
  readonly ring?: readonly InspectedToken[];
  readonly chains?: readonly InspectedChain[];
  readonly groups?: readonly InspectedGroup[];
  /** The servers that this one believes to be dead. */
  readonly suspected?: readonly NodeId[];
}

export type Inspection = InspectedParts & { readonly [field: string]: Json };

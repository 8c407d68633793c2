// The contents of one server at one moment, so that the judgement of a run can compare servers.
import type { ContextTuples, VectorTuples, VersionTuple } from './history.ts';
import type { Life, NodeId } from './ids.ts';

/** A protocol that keeps concurrent values has an entry for each of them. */
export interface StoreEntry {
  readonly key: string;
  /** Null for a tombstone that is still kept. */
  readonly value: string | null;
  /** Null if the protocol gives writes no versions. */
  readonly version: VersionTuple | null;
  /** As in an operation (history.ts). */
  readonly context?: ContextTuples;
}

export interface StoreSnapshot {
  readonly server: Life;
  readonly entries: readonly StoreEntry[];
  /** The writes that the server has applied; null if it does not say. */
  readonly applied: VectorTuples | null;
  /**
   * By key that it holds, or keeps for another server: the servers that are to hold it. Undefined
   * if all servers are to hold all keys.
   */
  readonly replicas?: ReadonlyMap<string, readonly NodeId[]>;
  /** The writes that it keeps for other servers; they are not readable. */
  readonly hints?: readonly StoreEntry[];
}

/** An answer to the message `snapshot` of control.ts. */
interface ToldSnapshot {
  readonly store: readonly ToldEntry[];
  readonly applied: VectorTuples | null;
  readonly replicas?: readonly (readonly [string, readonly NodeId[]])[];
  readonly hints?: readonly ToldEntry[];
}

type ToldEntry =
  | readonly [string, string | null, VersionTuple | null]
  | readonly [string, string | null, VersionTuple | null, ContextTuples];

export function toSnapshot(server: Life, told: ToldSnapshot): StoreSnapshot {
  const { store, applied, replicas, hints } = told;
  return {
    server,
    entries: store.map(toEntry),
    applied,
    ...(replicas && { replicas: new Map(replicas) }),
    ...(hints && { hints: hints.map(toEntry) }),
  };
}

function toEntry([key, value, version, context]: ToldEntry): StoreEntry {
  return context === undefined ? { key, value, version } : { key, value, version, context };
}

/** Of longer values, a snapshot keeps both ends and the length: it is not a copy. */
const MOST_SHOWN = 64;

export function shortened(value: string | null): string | null {
  if (value === null || value.length <= MOST_SHOWN) return value;
  const [head, tail] = [value.slice(0, MOST_SHOWN / 2), value.slice(-MOST_SHOWN / 4)];
  return `${head}...${tail} (${value.length} characters)`;
}

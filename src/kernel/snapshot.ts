// What one server holds at one moment, so that whoever judges a run can compare servers.
import type { VectorTuples, VersionTuple } from './history.ts';
import type { Life } from './ids.ts';

export interface StoreEntry {
  readonly key: string;
  /** Null for a deletion that is still remembered. */
  readonly value: string | null;
  /** Null where the protocol gives writes no versions. */
  readonly version: VersionTuple | null;
}

export interface StoreSnapshot {
  readonly server: Life;
  readonly entries: readonly StoreEntry[];
  /** The writes that the server has applied; null if it does not say. */
  readonly applied: VectorTuples | null;
}

/** Longer values are told by their ends and their length: a snapshot is not a copy. */
const MOST_SHOWN = 64;

export function shortened(value: string | null): string | null {
  if (value === null || value.length <= MOST_SHOWN) return value;
  const [head, tail] = [value.slice(0, MOST_SHOWN / 2), value.slice(-MOST_SHOWN / 4)];
  return `${head}...${tail} (${value.length} characters)`;
}

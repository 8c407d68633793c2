// A server's store as the checkers see it: which write each entry comes from, and whether a write
// is in the store or has been overwritten there. A key may have several entries: concurrent values.
import { type Recorded, showValue, type VersionTuple } from '../kernel/history.ts';
import type { Life, NodeId } from '../kernel/ids.ts';
import type { StoreEntry, StoreSnapshot } from '../kernel/snapshot.ts';
import { isPending, isWrite } from './normalize.ts';
import { greatest, includes, isBefore } from './order.ts';
import { compareVersions, isCovered } from './readsFrom.ts';
import { where } from './words.ts';

/** Look-ups in the writes of a history. */
export class Writes {
  readonly #history: readonly Recorded[];
  #lastDeletions: Map<string, readonly Recorded[] | 'open'> | undefined;

  constructor(history: readonly Recorded[]) {
    this.#history = history;
  }

  /** Whether a write of the key is unanswered: it may still arrive. */
  isOpen(key: string): boolean {
    return this.#history.some((op) => op.key === key && isWrite(op) && isPending(op));
  }

  /** The first write whose version satisfies `fits`. */
  find(fits: (version: VersionTuple) => boolean): Recorded | undefined {
    return this.#history.find((op) => isWrite(op) && op.version !== null && fits(op.version));
  }

  /** Whether a deletion may have removed this write. */
  isDeleted(write: Recorded): boolean {
    this.#lastDeletions ??= this.#findLastDeletions();
    const last = this.#lastDeletions.get(write.key) ?? [];
    return last === 'open' || last.some((deletion) => isBefore(write, deletion));
  }

  #findLastDeletions(): Map<string, readonly Recorded[] | 'open'> {
    const last = new Map<string, readonly Recorded[] | 'open'>();
    for (const operation of this.#history) {
      const { kind, key, version } = operation;
      if (kind !== 'delete') continue;
      const former = last.get(key) ?? [];
      if (isPending(operation)) last.set(key, 'open');
      else if (version !== null && former !== 'open') last.set(key, greatest(former, operation));
    }
    return last;
  }
}

/** Which servers are to hold which key, as the servers themselves have told. */
export class Placement {
  readonly #replicasByKey = new Map<string, Set<NodeId>>();
  /** Whether each server is to hold some of the keys only. */
  readonly isPartial: boolean;

  constructor(snapshots: readonly StoreSnapshot[]) {
    this.isPartial = snapshots.some(({ replicas }) => replicas !== undefined);
    for (const { replicas } of snapshots) {
      for (const [key, ids] of replicas ?? []) {
        const known = this.#replicasByKey.get(key) ?? new Set();
        for (const id of ids) known.add(id);
        this.#replicasByKey.set(key, known);
      }
    }
  }

  /** Whether that server is to hold the key. */
  holds({ server }: Store, key: string): boolean {
    return !this.isPartial || this.#replicasByKey.get(key)?.has(server.id) === true;
  }

  /**
   * The replicas of the key; with full replication `origin` alone. If no server has told them they
   * may be any servers: undefined.
   */
  holdersOf(key: string, origin: NodeId): NodeId[] | undefined {
    if (!this.isPartial) return [origin];
    const replicas = this.#replicasByKey.get(key);
    return replicas && [...replicas];
  }
}

export class Store {
  readonly snapshot: StoreSnapshot;
  readonly #entriesByKey = new Map<string, StoreEntry[]>();
  readonly #writes: Writes;

  constructor(snapshot: StoreSnapshot, writes: Writes) {
    this.snapshot = snapshot;
    this.#writes = writes;
    for (const entry of snapshot.entries) {
      const known = this.#entriesByKey.get(entry.key);
      if (known === undefined) this.#entriesByKey.set(entry.key, [entry]);
      else known.push(entry);
    }
  }

  get server(): Life {
    return this.snapshot.server;
  }

  get name(): string {
    return `server ${this.server.id}`;
  }

  /** `x=1 (line 3)`, or `no x`: a tombstone and a collected tombstone look the same. */
  tell(key: string): string {
    const told = this.#entriesOf(key).flatMap((entry) => {
      if (entry.value === null) return [];
      const write = this.#writeOf(entry);
      const held = `${key}=${showValue(entry.value)}`;
      if (write !== undefined) return `${held} ${where(write)}`;
      return `${held}${entry.version === null ? '' : ` (version ${entry.version})`}`;
    });
    return told.length === 0 ? `no ${key}` : told.sort().join(' and ');
  }

  /** The writes that the key's entries come from, as far as an answer named their versions. */
  writesOf(key: string): Recorded[] {
    return this.#entriesOf(key).flatMap((entry) => this.#writeOf(entry) ?? []);
  }

  /** Whether each entry of the key comes from a known write. */
  isExplained(key: string): boolean {
    return this.#entriesOf(key).every((entry) => this.#writeOf(entry) !== undefined);
  }

  /** Whether an acknowledged write is in the store, or a later one of its key. */
  has(write: Recorded): boolean {
    const entries = this.#entriesOf(write.key);
    // Without a version an entry cannot be shown to be older.
    if (entries.some((entry) => entry.version === null || includes(entry, write))) return true;
    if (entries.some((entry) => isBefore(entry, write))) return false;
    // A missing entry is correct if the tombstone of a later deletion has been collected.
    if (write.kind === 'delete' || write.value === null) return true;
    const { applied } = this.snapshot;
    if (applied !== null && !isCovered(applied, write.version as VersionTuple)) return false;
    return this.#writes.isDeleted(write);
  }

  /** Whether the store shows this write, or a later one of its key: a missing entry shows none. */
  keeps(write: Recorded): boolean {
    return this.#entriesOf(write.key).some((entry) => includes(entry, write));
  }

  /** Whether the server keeps this write for another server, or a later one of its key. */
  hasHint(write: Recorded): boolean {
    const { hints = [] } = this.snapshot;
    return hints.some((hint) => hint.key === write.key && includes(hint, write));
  }

  /**
   * The keys at which the two stores differ, sorted by code units. One server may have collected a
   * tombstone that another still has.
   */
  differencesTo(other: Store): string[] {
    const keys = new Set([...this.#entriesByKey.keys(), ...other.#entriesByKey.keys()]);
    return [...keys].filter((key) => !hasSame(this.#valuesOf(key), other.#valuesOf(key))).sort();
  }

  #entriesOf(key: string): readonly StoreEntry[] {
    return this.#entriesByKey.get(key) ?? [];
  }

  #valuesOf(key: string): readonly StoreEntry[] {
    return this.#entriesOf(key).filter(({ value }) => value !== null);
  }

  #writeOf({ version }: StoreEntry): Recorded | undefined {
    if (version === null) return undefined;
    return this.#writes.find((other) => compareVersions(other, version) === 0);
  }
}

function hasSame(entries: readonly StoreEntry[], others: readonly StoreEntry[]): boolean {
  const isSame = (a: StoreEntry, b: StoreEntry): boolean =>
    a.value === b.value && String(a.version) === String(b.version);
  return (
    entries.length === others.length &&
    entries.every((entry) => others.some((other) => isSame(entry, other)))
  );
}

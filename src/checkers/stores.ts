// A server's store as the checkers see it: which write each entry comes from, and whether a write
// is in the store or has been overwritten there.
import { type Recorded, showValue, type VersionTuple } from '../kernel/history.ts';
import type { Life, NodeId } from '../kernel/ids.ts';
import type { StoreEntry, StoreSnapshot } from '../kernel/snapshot.ts';
import { isPending, isWrite } from './normalize.ts';
import { compareVersions, isCovered } from './readsFrom.ts';
import { where } from './words.ts';

/** Look-ups in the writes of a history. */
export class Writes {
  readonly #history: readonly Recorded[];
  #lastDeletions: Map<string, VersionTuple | 'open'> | undefined;

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

  /** Whether the key may have been deleted after this version. */
  isDeletedAfter(key: string, version: VersionTuple): boolean {
    this.#lastDeletions ??= this.#findLastDeletions();
    const last = this.#lastDeletions.get(key);
    return last === 'open' || (last !== undefined && compareVersions(last, version) > 0);
  }

  #findLastDeletions(): Map<string, VersionTuple | 'open'> {
    const last = new Map<string, VersionTuple | 'open'>();
    for (const operation of this.#history) {
      const { kind, key, version } = operation;
      if (kind !== 'delete') continue;
      const former = last.get(key);
      if (isPending(operation)) last.set(key, 'open');
      else if (version === null || former === 'open') continue;
      else if (former === undefined || compareVersions(version, former) > 0) last.set(key, version);
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

  /** The replicas of the key; with full replication, or if they are unknown, `origin` alone. */
  holdersOf(key: string, origin: NodeId): NodeId[] {
    return [...(this.#replicasByKey.get(key) ?? [origin])];
  }
}

export class Store {
  readonly snapshot: StoreSnapshot;
  readonly entryByKey: ReadonlyMap<string, StoreEntry>;
  readonly #writes: Writes;

  constructor(snapshot: StoreSnapshot, writes: Writes) {
    this.snapshot = snapshot;
    this.entryByKey = new Map(snapshot.entries.map((entry) => [entry.key, entry]));
    this.#writes = writes;
  }

  get server(): Life {
    return this.snapshot.server;
  }

  get name(): string {
    return `server ${this.server.id}`;
  }

  /** `x=1 (line 3)`, or `no x`: a tombstone and a collected tombstone look the same. */
  tell(key: string): string {
    const entry = this.entryByKey.get(key);
    if (entry === undefined || entry.value === null) return `no ${key}`;
    const write = this.writeOf(key);
    const held = `${key}=${showValue(entry.value)}`;
    if (write !== undefined) return `${held} ${where(write)}`;
    return `${held}${entry.version === null ? '' : ` (version ${entry.version})`}`;
  }

  /** The write that the key's entry comes from; undefined if no answer named its version. */
  writeOf(key: string): Recorded | undefined {
    const version = this.entryByKey.get(key)?.version;
    if (version === undefined || version === null) return undefined;
    return this.#writes.find((other) => compareVersions(other, version) === 0);
  }

  /** Whether an acknowledged write is in the store, or a later one of its key. */
  has(write: Recorded): boolean {
    const version = write.version as VersionTuple;
    const { applied } = this.snapshot;
    const entry = this.entryByKey.get(write.key);
    // Without a version the entry cannot be shown to be older.
    if (entry !== undefined) {
      return entry.version === null || compareVersions(entry.version, version) >= 0;
    }
    if (write.kind === 'delete' || write.value === null) return true;
    if (applied !== null && !isCovered(applied, version)) return false;
    // A missing entry is correct if the tombstone of a later deletion has been collected.
    return this.#writes.isDeletedAfter(write.key, version);
  }

  /** Whether the store shows this write, or a later one of its key: a missing entry shows none. */
  keeps({ key, version }: Recorded): boolean {
    const kept = this.entryByKey.get(key)?.version ?? null;
    return kept !== null && version !== null && compareVersions(kept, version) >= 0;
  }

  /** Whether the server keeps this write for another server, or a later one of its key. */
  hasHint({ key, version }: Recorded): boolean {
    const { hints = [] } = this.snapshot;
    return hints.some(
      (hint) =>
        hint.key === key &&
        hint.version !== null &&
        version !== null &&
        compareVersions(hint.version, version) >= 0,
    );
  }

  /** The keys at which the two stores differ, sorted by code units. */
  differencesTo(other: Store): string[] {
    const keys = new Set([...this.entryByKey.keys(), ...other.entryByKey.keys()]);
    return [...keys]
      .filter((key) => !isSame(this.entryByKey.get(key), other.entryByKey.get(key)))
      .sort();
  }
}

function isSame(a: StoreEntry | undefined, b: StoreEntry | undefined): boolean {
  const [value, other] = [a?.value ?? null, b?.value ?? null];
  if (value === null || other === null) return value === other;
  const [version, theirs] = [a?.version ?? null, b?.version ?? null];
  if (version === null || theirs === null) return value === other && version === theirs;
  return value === other && compareVersions(version, theirs) === 0;
}

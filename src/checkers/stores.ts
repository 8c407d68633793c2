// A server's store as the checkers look at it: which write stands behind each entry, and whether a
// write is in it or has been overwritten there.
import type { Operation, VersionTuple } from '../kernel/history.ts';
import type { Life } from '../kernel/ids.ts';
import type { StoreEntry, StoreSnapshot } from '../kernel/snapshot.ts';
import { isPending, isWrite } from './gather.ts';
import { compareVersions, isCovered } from './readsFrom.ts';
import { writtenValue } from './valueIndex.ts';
import { where } from './words.ts';

export class Store {
  readonly snapshot: StoreSnapshot;
  readonly entryByKey: ReadonlyMap<string, StoreEntry>;
  readonly #history: readonly Operation[];

  /** `history` has the writes, as far as they were answered. */
  constructor(snapshot: StoreSnapshot, history: readonly Operation[]) {
    this.snapshot = snapshot;
    this.entryByKey = new Map(snapshot.entries.map((entry) => [entry.key, entry]));
    this.#history = history;
  }

  get server(): Life {
    return this.snapshot.server;
  }

  get name(): string {
    return `server ${this.server.id}`;
  }

  /** `x=1 (line 3)`, or `no x`: a remembered deletion and a forgotten one are the same. */
  tell(key: string): string {
    const entry = this.entryByKey.get(key);
    if (entry === undefined || entry.value === null) return `no ${key}`;
    const write = this.writeOf(key);
    if (write !== undefined) return `${key}=${entry.value} ${where(write)}`;
    return `${key}=${entry.value}${entry.version === null ? '' : ` (version ${entry.version})`}`;
  }

  /** The write that the key's entry comes from; undefined if no answer named its version. */
  writeOf(key: string): Operation | undefined {
    const version = this.entryByKey.get(key)?.version;
    if (version === undefined || version === null) return undefined;
    return this.#history.find(
      (op) => isWrite(op) && op.version !== null && compareVersions(op.version, version) === 0,
    );
  }

  /** The keys at which the two differ, by code units. */
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

/** Whether the store has an acknowledged write, or a later one of its key. */
export function hasWrite(
  { entryByKey, snapshot }: Store,
  write: Operation,
  history: readonly Operation[],
): boolean {
  const version = write.version as VersionTuple;
  const entry = entryByKey.get(write.key);
  // Without a version nothing says that an entry is older.
  if (entry !== undefined) {
    return entry.version === null || compareVersions(entry.version, version) >= 0;
  }
  if (writtenValue(write) === null) return true;
  if (snapshot.applied !== null && !isCovered(snapshot.applied, version)) return false;
  // No entry at all is right where a later deletion has been forgotten.
  return history.some((other) => {
    if (other.kind !== 'delete' || other.key !== write.key) return false;
    if (isPending(other)) return true;
    return other.version !== null && compareVersions(other.version, version) > 0;
  });
}

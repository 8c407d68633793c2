// Finds the version of each write, as far as the history tells: from its own answer, or from gets
// that can have returned no other write. Writes are looked up by value.
import type { Operation, VectorTuples, VersionTuple } from '../kernel/history.ts';
import { lifeKey } from '../kernel/ids.ts';
import { isWrite, type Normalized } from './normalize.ts';
import { compareVersions } from './readsFrom.ts';
import { ValueIndex, writtenValue } from './valueIndex.ts';

/** The writes of one value to one key, or the deletions of a key. */
export interface Alike {
  /** One of them, which identifies the group. */
  readonly head: number;
  /** How many have no known version, and one of them. */
  readonly openCount: number;
  readonly open: number;
  /** The least and the greatest known version. */
  readonly least: VersionTuple | undefined;
  readonly greatest: VersionTuple | undefined;
}

type Growing = { -readonly [field in keyof Alike]: Alike[field] };

/** A deletion. `op` is -1 if only a get reports its version, and several deletions may have it. */
export interface Deletion {
  readonly op: number;
  readonly version: VersionTuple;
}

export class WriteVersions {
  readonly #normalized: Normalized;
  readonly #isTimed: boolean;
  readonly #index: ValueIndex;
  readonly #alike = new Map<number, Growing>();
  readonly #versions: (VersionTuple | null)[];
  readonly #deletions = new Map<number, Deletion[]>();
  readonly #unclear = new Set<number>();
  /** By server incarnation: the timestamps of writes. Computed on first use. */
  #timestamps: ReadonlyMap<number, ReadonlySet<number>> | undefined;

  /** `isTimed` says that times tell which operation began after which had ended. */
  constructor(normalized: Normalized, isTimed: boolean) {
    const { operations } = normalized;
    this.#normalized = normalized;
    this.#isTimed = isTimed;
    this.#index = new ValueIndex(normalized);
    this.#versions = operations.map(({ version }) => version);
    for (const [op, operation] of operations.entries()) if (isWrite(operation)) this.#add(op);
    this.#learnAll();
    this.#collectDeletions();
  }

  /** The version of a write or a get; null if unknown. */
  versionOf(op: number): VersionTuple | null {
    return this.#versions[op] ?? null;
  }

  /** The writes of this value to the operation's key. */
  alikeOf(op: number, value: string | null): Alike | undefined {
    return this.#growing(op, value);
  }

  someAlike({ head }: Alike, fits: (op: number) => boolean): boolean {
    for (let op = head; op >= 0; op = this.#index.next(op)) if (fits(op)) return true;
    return false;
  }

  /**
   * Whether gets report versions of some of them, and it is unknown which write has which version.
   */
  isUnclear({ head }: Alike): boolean {
    return this.#unclear.has(head);
  }

  /** The deletions of a key with known version, the latest first. */
  deletionsOf(key: number): readonly Deletion[] {
    return this.#deletions.get(key) ?? [];
  }

  /**
   * Whether `read` cannot have returned `write`: its own session issued the write only after it or,
   * where the history has times, the write began after it had ended.
   */
  isTooLate(write: number, read: number): boolean {
    const [w, r] = [this.#operation(write), this.#operation(read)];
    if (this.#isTimed && w.invokedAt > (r.returnedAt ?? Number.POSITIVE_INFINITY)) return true;
    return write > read && w.session === r.session && w.incarnation === r.incarnation;
  }

  /** Of these writes, those that the read may have returned. */
  inTime(alike: Alike, read: number): Alike | undefined {
    const isLate = (op: number): boolean => this.isTooLate(op, read);
    if (!this.#isTimed || !this.someAlike(alike, isLate)) return alike;
    let left: Growing | undefined;
    this.someAlike(alike, (op) => {
      if (isLate(op)) return false;
      left ??= { head: alike.head, openCount: 0, open: -1, least: undefined, greatest: undefined };
      const version = this.versionOf(op);
      if (version !== null) widen(left, version);
      else left = { ...left, openCount: left.openCount + 1, open: op };
      return false;
    });
    return left;
  }

  /** The greatest version that is within this vector and that no write is known to have. */
  latestUntold(applied: VectorTuples): VersionTuple | undefined {
    this.#timestamps ??= this.#collectTimestamps();
    let latest: VersionTuple | undefined;
    for (const [id, incarnation, upTo] of applied) {
      const taken = this.#timestamps.get(lifeKey({ id, incarnation }));
      let timestamp = upTo;
      while (taken?.has(timestamp)) timestamp -= 1;
      const version = [timestamp, id, incarnation] as const;
      if (timestamp < 1 || (latest && compareVersions(version, latest) < 0)) continue;
      latest = version;
    }
    return latest;
  }

  #operation(op: number): Operation {
    return this.#normalized.operations[op] as Operation;
  }

  #growing(op: number, value: string | null): Growing | undefined {
    return this.#alike.get(this.#index.find(this.#normalized.key[op] as number, value));
  }

  #add(op: number): void {
    const value = writtenValue(this.#operation(op));
    const version = this.versionOf(op);
    this.#index.add(op, value);
    const head = this.#index.find(this.#normalized.key[op] as number, value);
    const none = { head, openCount: 0, open: -1, least: undefined, greatest: undefined };
    const alike: Growing = this.#alike.get(head) ?? none;
    this.#alike.set(head, alike);
    if (version !== null) {
      widen(alike, version);
      return;
    }
    alike.openCount += 1;
    alike.open = op;
  }

  /** Repeats until nothing changes: one new version may leave one candidate for another write. */
  #learnAll(): void {
    const { operations } = this.#normalized;
    let reads = [...operations.keys()].filter((op) => {
      const { kind, value, version } = operations[op] as Operation;
      return kind === 'get' && version !== null && this.alikeOf(op, value)?.openCount !== 0;
    });
    for (let before = reads.length + 1; reads.length < before; ) {
      before = reads.length;
      reads = reads.filter((op) => !this.#learn(op));
    }
    for (const op of reads) {
      const alike = this.alikeOf(op, this.#operation(op).value);
      if (alike !== undefined) this.#unclear.add(alike.head);
    }
  }

  /**
   * The version that a get reports belongs to a write without a version. If only one is possible,
   * that write gets the version. Returns whether the read is resolved.
   */
  #learn(read: number): boolean {
    const { value, version } = this.#operation(read);
    const alike = this.#growing(read, value);
    if (alike === undefined || alike.openCount === 0 || version === null) return true;
    const isNamed = this.someAlike(alike, (op) => {
      const known = this.versionOf(op);
      return known !== null && compareVersions(known, version) === 0;
    });
    if (isNamed) return true;
    widen(alike, version);
    let found = -1;
    const isSecond = (op: number): boolean => {
      if (this.versionOf(op) !== null || this.isTooLate(op, read)) return false;
      const former = found;
      found = op;
      return former >= 0;
    };
    if (this.someAlike(alike, isSecond) || found < 0) return false;
    this.#versions[found] = version;
    alike.openCount -= 1;
    this.someAlike(alike, (op) => {
      alike.open = op;
      return this.versionOf(op) === null;
    });
    return true;
  }

  #collectDeletions(): void {
    const { operations, key: keys } = this.#normalized;
    for (const [op, operation] of operations.entries()) {
      const version = this.versionOf(op);
      if (version === null || writtenValue(operation) !== null) continue;
      const key = keys[op] as number;
      const list = this.#deletions.get(key) ?? [];
      this.#deletions.set(key, list);
      list.push({ op: isWrite(operation) ? op : -1, version });
    }
    for (const [key, list] of this.#deletions) {
      list.sort((a, b) => compareVersions(b.version, a.version) || b.op - a.op);
      const isNew = ({ version }: Deletion, index: number): boolean => {
        const former = list[index - 1]?.version;
        return former === undefined || compareVersions(former, version) !== 0;
      };
      const each = list.filter(isNew);
      this.#deletions.set(key, each);
    }
  }

  #collectTimestamps(): Map<number, Set<number>> {
    const byLife = new Map<number, Set<number>>();
    for (const version of this.#versions) {
      if (version == null) continue;
      const [timestamp, id, incarnation] = version;
      const life = lifeKey({ id, incarnation });
      byLife.set(life, (byLife.get(life) ?? new Set()).add(timestamp));
    }
    return byLife;
  }
}

function widen(alike: Growing, version: VersionTuple): void {
  const { least, greatest } = alike;
  if (least === undefined || compareVersions(version, least) < 0) alike.least = version;
  if (greatest === undefined || compareVersions(version, greatest) > 0) alike.greatest = version;
}

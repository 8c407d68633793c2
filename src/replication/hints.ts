// Hints: writes that a server keeps for others, which have not confirmed them yet (DeCandia et al.,
// "Dynamo", SOSP 2007, section 4.6). They are debts, not data: no read sees them, except at a
// stand-in. Pure.
import type { NodeId } from '../kernel/ids.ts';

/** A write of a key, of any kind that its protocol can compare. */
export interface KeyedWrite {
  readonly key: string;
}

export interface Hint<W extends KeyedWrite> {
  /** The server that is to have the write. */
  readonly owner: NodeId;
  readonly write: W;
}

/**
 * `supersedes(a, b)`: a server that has `a` needs `b` no more. It is true for `a` itself.
 */
export class HintTable<W extends KeyedWrite> {
  readonly #supersedes: (a: W, b: W) => boolean;
  /** By owner and key: the writes of which none supersedes another. */
  readonly #byOwner = new Map<NodeId, Map<string, readonly W[]>>();

  constructor(supersedes: (a: W, b: W) => boolean) {
    this.#supersedes = supersedes;
  }

  get size(): number {
    return [...this.#byOwner.values()].reduce((sum, byKey) => sum + byKey.size, 0);
  }

  /** The servers for which there are hints, by ascending id. */
  get owners(): NodeId[] {
    return [...this.#byOwner.keys()].sort((a, b) => a - b);
  }

  /** The keys of which there are hints, sorted in code units. */
  get keys(): string[] {
    const keys = [...this.#byOwner.values()].flatMap((byKey) => [...byKey.keys()]);
    return [...new Set(keys)].sort();
  }

  /** Keeps a write for `owner`, unless a kept one supersedes it. */
  add({ owner, write }: Hint<W>): void {
    const byKey = this.#byOwner.get(owner) ?? new Map<string, readonly W[]>();
    const known = byKey.get(write.key) ?? [];
    if (known.some((other) => this.#supersedes(other, write))) return;
    const others = known.filter((other) => !this.#supersedes(write, other));
    byKey.set(write.key, [...others, write]);
    this.#byOwner.set(owner, byKey);
  }

  /** What is kept for an owner that has that write now: it needs none of these any more. */
  paidBy({ owner, write }: Hint<W>): readonly W[] {
    return this.find(owner, write.key).filter((other) => this.#supersedes(write, other));
  }

  /** What is kept of that key, for whatever server. */
  ofKey(key: string): readonly W[] {
    return this.owners.flatMap((owner) => this.find(owner, key));
  }

  /** What is kept of that key for that server. */
  find(owner: NodeId, key: string): readonly W[] {
    return this.#byOwner.get(owner)?.get(key) ?? [];
  }

  /** Removes those of an owner's hints for that key. */
  remove(owner: NodeId, key: string, isRemoved: (write: W) => boolean): void {
    const byKey = this.#byOwner.get(owner);
    const known = byKey?.get(key);
    if (byKey === undefined || known === undefined) return;
    const left = known.filter((write) => !isRemoved(write));
    if (left.length > 0) byKey.set(key, left);
    else byKey.delete(key);
    if (byKey.size === 0) this.#byOwner.delete(owner);
  }

  /** Each hint is for these servers from now on, as the function says. */
  readdress(ownersOf: (owner: NodeId, key: string) => readonly NodeId[]): void {
    for (const { owner, write } of [...this.all()]) {
      const owners = ownersOf(owner, write.key);
      if (!owners.includes(owner)) this.remove(owner, write.key, (kept) => kept === write);
      for (const other of owners) this.add({ owner: other, write });
    }
  }

  has(owner: NodeId): boolean {
    return this.#byOwner.has(owner);
  }

  /** Whether that write, or one that supersedes it, is kept for the owner. */
  keeps({ owner, write }: Hint<W>): boolean {
    return this.find(owner, write.key).some((other) => this.#supersedes(other, write));
  }

  /** What is kept for that server, sorted by key in code units. */
  of(owner: NodeId): W[] {
    const byKey = [...(this.#byOwner.get(owner) ?? [])];
    return byKey.sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, writes]) => writes);
  }

  /** All hints, by owner and key. */
  *all(): Generator<Hint<W>> {
    for (const owner of this.owners) for (const write of this.of(owner)) yield { owner, write };
  }
}

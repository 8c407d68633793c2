// One read at its coordinator. Decides which answers count, what the read returns, and which
// replicas it found stale. Synchronous.
//
// The answers of the first R replicas in list order count, in whatever order they arrive, so that a
// script has one outcome. A replica that refuses or is silent is replaced by the next one. At R = 1
// the first one that has the key answers.
import type { NodeId } from '../../kernel/ids.ts';
import { newestOf, supersedes, type Write } from './write.ts';

/**
 * - `answered`: with the newest writes, which may be tombstones; none if no counted replica has the
 *   key. With `versions=lww` there is one at most.
 * - `failed`: too few replicas have answered. `isCertain`: all others have refused.
 */
export type ReadDecision =
  | { readonly kind: 'open' }
  | { readonly kind: 'answered'; readonly writes: readonly Write[] }
  | { readonly kind: 'failed'; readonly isCertain: boolean };

/** A replica, and a write that it lacks. */
export interface Repair {
  readonly replica: NodeId;
  readonly write: Write;
}

export class PendingRead {
  readonly needed: number;
  /** The replicas that are asked, in list order. */
  readonly called: readonly NodeId[];
  /** Those of them that have not failed, and those that have replaced others. */
  #asked: readonly NodeId[];
  #spares: readonly NodeId[];
  readonly #answers = new Map<NodeId, readonly Write[]>();
  #isCertain = true;
  #isOver = false;

  /** `spares`: with `quorum=sloppy`, the servers that may replace others, in list order. */
  constructor(needed: number, called: readonly NodeId[], spares: readonly NodeId[] = []) {
    this.needed = needed;
    this.called = called;
    this.#asked = called;
    this.#spares = spares;
  }

  /** `writes`: all that the replica has of the key. */
  answered(replica: NodeId, writes: readonly Write[]): void {
    if (this.#asked.includes(replica)) this.#answers.set(replica, writes);
  }

  /**
   * `isRefusal`: the replica has answered that it does not count. Gives the server that is to be
   * asked in its place, if there is one.
   */
  failed(replica: NodeId, isRefusal: boolean): NodeId | undefined {
    const [next, ...rest] = this.#isOver ? [] : this.#spares;
    this.#asked = this.#asked.filter((id) => id !== replica);
    this.#isCertain &&= isRefusal;
    if (next === undefined) return undefined;
    this.#spares = rest;
    this.#asked = [...this.#asked, next];
    return next;
  }

  /** The time of the operation is over: replicas that have not answered are silent. */
  expire(): void {
    this.#isOver = true;
    const silent = this.#asked.filter((id) => !this.#answers.has(id));
    for (const id of silent) this.failed(id, false);
  }

  /** Whether so many replicas have answered as the level asks for. */
  get isMet(): boolean {
    return this.decision.kind === 'answered';
  }

  get decision(): ReadDecision {
    if (this.#asked.length < this.needed) return { kind: 'failed', isCertain: this.#isCertain };
    return this.needed === 1 ? this.#decideForOne() : this.#decide();
  }

  /** Which replica lacks which of the newest writes that any of them has. */
  get repairs(): Repair[] {
    const newest = newestOf([...this.#answers.values()].flat());
    return [...this.#answers].flatMap(([replica, found]) =>
      newest
        .filter((write) => !found.some((known) => supersedes(known, write)))
        .map((write) => ({ replica, write })),
    );
  }

  #decide(): ReadDecision {
    const counted = this.#asked.slice(0, this.needed);
    if (!counted.every((id) => this.#answers.has(id))) return { kind: 'open' };
    const found = counted.flatMap((id) => this.#answers.get(id) ?? []);
    return { kind: 'answered', writes: newestOf(found) };
  }

  #decideForOne(): ReadDecision {
    for (const id of this.#asked) {
      const writes = this.#answers.get(id);
      if (writes === undefined) return { kind: 'open' };
      if (writes.length > 0) return { kind: 'answered', writes };
    }
    return { kind: 'answered', writes: [] };
  }
}

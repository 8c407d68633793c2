// One read at its coordinator. Decides which answers count, what the read returns, and which
// replicas it found stale. Synchronous.
//
// The answers of the first R replicas in list order count, in whatever order they arrive, so that a
// script has one outcome. A replica that refuses or is silent is replaced by the next one. At R = 1
// the first one that has the key answers.
import type { NodeId } from '../../kernel/ids.ts';
import { supersedes, type Write } from './write.ts';

/**
 * - `answered`: with the write, which may be a tombstone; without one no counted replica has it.
 * - `failed`: too few replicas have answered. `isCertain`: all others have refused.
 */
export type ReadDecision =
  | { readonly kind: 'open' }
  | { readonly kind: 'answered'; readonly write: Write | undefined }
  | { readonly kind: 'failed'; readonly isCertain: boolean };

/** A write that a replica lacks. */
export interface Repair {
  readonly replica: NodeId;
  readonly write: Write;
}

export class PendingRead {
  readonly needed: number;
  /** The replicas that are asked, in list order. */
  readonly called: readonly NodeId[];
  /** Those of them that have not failed. */
  #asked: readonly NodeId[];
  readonly #answers = new Map<NodeId, Write | undefined>();
  #isCertain = true;

  constructor(needed: number, called: readonly NodeId[]) {
    this.needed = needed;
    this.called = called;
    this.#asked = called;
  }

  answered(replica: NodeId, write: Write | undefined): void {
    if (this.#asked.includes(replica)) this.#answers.set(replica, write);
  }

  /** `isRefusal`: the replica has answered that it does not count. */
  failed(replica: NodeId, isRefusal: boolean): void {
    this.#asked = this.#asked.filter((id) => id !== replica);
    this.#isCertain &&= isRefusal;
  }

  /** The time of the operation is over: replicas that have not answered are silent. */
  expire(): void {
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

  /** The replicas that answered with an older write than the newest one found, or with none. */
  get repairs(): Repair[] {
    const write = newestOf(this.#answers.values());
    if (write === undefined) return [];
    return [...this.#answers].flatMap(([replica, found]) =>
      found !== undefined && supersedes(found, write) ? [] : [{ replica, write }],
    );
  }

  #decide(): ReadDecision {
    const counted = this.#asked.slice(0, this.needed);
    if (!counted.every((id) => this.#answers.has(id))) return { kind: 'open' };
    return { kind: 'answered', write: newestOf(counted.map((id) => this.#answers.get(id))) };
  }

  #decideForOne(): ReadDecision {
    for (const id of this.#asked) {
      if (!this.#answers.has(id)) return { kind: 'open' };
      const write = this.#answers.get(id);
      if (write !== undefined) return { kind: 'answered', write };
    }
    return { kind: 'answered', write: undefined };
  }
}

function newestOf(found: Iterable<Write | undefined>): Write | undefined {
  let newest: Write | undefined;
  for (const write of found) {
    if (write !== undefined && (newest === undefined || supersedes(write, newest))) newest = write;
  }
  return newest;
}

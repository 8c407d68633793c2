// One write at its coordinator, from the first copy to the last confirmation. Decides when it may
// be acknowledged, and which replicas are owed it. Synchronous.
import type { NodeId } from '../../kernel/ids.ts';
import type { Write } from './write.ts';

/**
 * - `met`: so many replicas have confirmed as the level asks for.
 * - `failed`: they cannot any more; copies may exist and take effect.
 * - `undone`: as `failed`, and no copy exists or will.
 */
export type WriteDecision = 'open' | 'met' | 'failed' | 'undone';

export class PendingWrite {
  readonly write: Write;
  readonly needed: number;
  readonly #replicas: readonly NodeId[];
  /** Those of the replicas that are sent the write. */
  readonly called: readonly NodeId[];
  readonly #open: Set<NodeId>;
  readonly #confirmed = new Set<NodeId>();
  #mayExist = false;
  #isOver = false;

  constructor(
    write: Write,
    needed: number,
    replicas: readonly NodeId[],
    called: readonly NodeId[],
  ) {
    this.write = write;
    this.needed = needed;
    this.#replicas = replicas;
    this.called = called;
    this.#open = new Set(called);
  }

  /** A replica has the write, durably, or a later one of its key. */
  confirmed(replica: NodeId): void {
    this.#open.delete(replica);
    this.#confirmed.add(replica);
  }

  /** `isUnsent`: the replica certainly has not received the write. */
  failed(replica: NodeId, isUnsent: boolean): void {
    this.#open.delete(replica);
    this.#mayExist ||= !isUnsent;
  }

  /** The time of the operation is over. */
  expire(): void {
    this.#isOver = true;
  }

  hasConfirmed(replica: NodeId): boolean {
    return this.#confirmed.has(replica);
  }

  get confirmations(): readonly NodeId[] {
    return [...this.#confirmed];
  }

  /** The replicas that have not confirmed the write: they are owed it. */
  get unconfirmed(): NodeId[] {
    return this.#replicas.filter((id) => !this.#confirmed.has(id));
  }

  get isMet(): boolean {
    return this.decision === 'met';
  }

  get decision(): WriteDecision {
    const confirmed = this.#confirmed.size;
    if (confirmed >= this.needed) return 'met';
    if (!this.#isOver && confirmed + this.#open.size >= this.needed) return 'open';
    return confirmed > 0 || this.#open.size > 0 || this.#mayExist ? 'failed' : 'undone';
  }
}

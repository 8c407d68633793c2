// One write at its coordinator, from the first copy to the last confirmation. Decides when it may
// be acknowledged, who is to have it in the place of a server that fails, and which replicas are
// owed it. Synchronous.
import type { NodeId } from '../../kernel/ids.ts';
import type { Write } from './write.ts';

/**
 * - `met`: so many servers have confirmed as the level asks for.
 * - `failed`: they cannot any more; copies may exist and take effect.
 * - `undone`: as `failed`, and no copy exists or will.
 */
export type WriteDecision = 'open' | 'met' | 'failed' | 'undone';

/** A server that is sent the write: the replica itself, or a stand-in that keeps it for `owner`. */
export interface Target {
  readonly server: NodeId;
  readonly owner: NodeId;
}

/** Who is to have a write. */
export interface WritePlan {
  readonly needed: number;
  /** In each of these so many replicas have to confirm. There are two while the ring grows. */
  readonly lists: readonly (readonly NodeId[])[];
  /** The servers that are sent the write at once. */
  readonly called: readonly Target[];
  /** With `quorum=sloppy`: the servers that may stand in later, in that order. */
  readonly spares: readonly NodeId[];
}

export class PendingWrite {
  readonly write: Write;
  #plan: WritePlan;
  /** By server that has not answered: the replica that it is to confirm for. */
  readonly #open: Map<NodeId, NodeId>;
  /** By server that has confirmed: the replica that it did it for. */
  readonly #confirmed = new Map<NodeId, NodeId>();
  #spares: readonly NodeId[];
  #mayExist = false;
  #isOver = false;

  constructor(write: Write, plan: WritePlan) {
    this.write = write;
    this.#plan = plan;
    this.#open = new Map(plan.called.map(({ server, owner }) => [server, owner]));
    this.#spares = plan.spares;
  }

  get needed(): number {
    return this.#plan.needed;
  }

  get called(): readonly Target[] {
    return this.#plan.called;
  }

  /** The server has the write, durably, or one that supersedes it. */
  confirmed({ server, owner }: Target): void {
    this.#open.delete(server);
    this.#confirmed.set(server, owner);
  }

  /**
   * `isUnsent`: the server certainly has not received the write. Gives the server that is to stand
   * in, if there is one.
   */
  failed({ server, owner }: Target, isUnsent: boolean): Target | undefined {
    this.#open.delete(server);
    this.#mayExist ||= !isUnsent;
    const [next, ...rest] = this.#isOver ? [] : this.#spares;
    if (next === undefined) return undefined;
    this.#spares = rest;
    this.#open.set(next, owner);
    return { server: next, owner };
  }

  /**
   * The ring has changed, so this plan counts from now on, and a server has refused the former one.
   * A confirmation stays valid: a replica keeps what it has of the keys that it still has. A write
   * that is met stays met, because the newcomer copies what was confirmed before. Gives the servers
   * that are to be called now.
   */
  moved(plan: WritePlan, refused: Target): Target[] {
    if (!this.isMet) this.#plan = plan;
    this.#open.delete(refused.server);
    // An earlier copy of the refused message may have been kept.
    this.#mayExist = true;
    const isUsed = (server: NodeId): boolean =>
      this.#confirmed.has(server) || this.#open.has(server);
    const called = plan.called.filter(
      ({ server, owner }) => !isUsed(server) && this.keeperFor(owner) === undefined,
    );
    for (const { server, owner } of called) this.#open.set(server, owner);
    this.#spares = plan.spares.filter((server) => !isUsed(server));
    return called;
  }

  /** The time of the operation is over. */
  expire(): void {
    this.#isOver = true;
  }

  hasConfirmed(server: NodeId): boolean {
    return this.#confirmed.has(server);
  }

  /** The replica itself, or its stand-in, if one of them has confirmed. */
  keeperFor(replica: NodeId): NodeId | undefined {
    for (const [server, owner] of this.#confirmed) if (owner === replica) return server;
    return undefined;
  }

  get lists(): readonly (readonly NodeId[])[] {
    return this.#plan.lists;
  }

  get confirmations(): readonly NodeId[] {
    return [...this.#confirmed.keys()];
  }

  /** All replicas that are to have the write. */
  get replicas(): NodeId[] {
    return [...new Set(this.lists.flat())];
  }

  /** The replicas that are owed the write: they have not confirmed it, nor a stand-in for them. */
  get unconfirmed(): NodeId[] {
    return this.replicas.filter((id) => this.keeperFor(id) === undefined);
  }

  get isMet(): boolean {
    return this.decision === 'met';
  }

  get decision(): WriteDecision {
    const confirmed = new Set(this.#confirmed.values());
    if (this.#isReachedBy(confirmed)) return 'met';
    const possible = new Set([...confirmed, ...this.#open.values()]);
    if (!this.#isOver && this.#isReachedBy(possible, this.#spares.length)) return 'open';
    return confirmed.size > 0 || this.#open.size > 0 || this.#mayExist ? 'failed' : 'undone';
  }

  /** Whether so many of each list as asked are among these replicas. */
  #isReachedBy(replicas: ReadonlySet<NodeId>, others = 0): boolean {
    const countIn = (list: readonly NodeId[]): number =>
      list.filter((id) => replicas.has(id)).length;
    return this.lists.every((list) => countIn(list) + others >= this.needed);
  }
}

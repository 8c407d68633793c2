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
  readonly replicas: readonly NodeId[];
  /** The servers that are sent the write at once. */
  readonly called: readonly Target[];
  /** With `quorum=sloppy`: the servers that may stand in later, in that order. */
  readonly spares: readonly NodeId[];
}

export class PendingWrite {
  readonly write: Write;
  readonly #plan: WritePlan;
  readonly #open: Set<NodeId>;
  /** By server that has confirmed: the replica that it did it for. */
  readonly #confirmed = new Map<NodeId, NodeId>();
  #spares: readonly NodeId[];
  #mayExist = false;
  #isOver = false;

  constructor(write: Write, plan: WritePlan) {
    this.write = write;
    this.#plan = plan;
    this.#open = new Set(plan.called.map(({ server }) => server));
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
    const [next, ...rest] = this.#spares;
    if (next === undefined) return undefined;
    this.#spares = rest;
    this.#open.add(next);
    return { server: next, owner };
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

  get confirmations(): readonly NodeId[] {
    return [...this.#confirmed.keys()];
  }

  /** The replicas that are owed the write: they have not confirmed it, nor a stand-in for them. */
  get unconfirmed(): NodeId[] {
    return this.#plan.replicas.filter((id) => this.keeperFor(id) === undefined);
  }

  get isMet(): boolean {
    return this.decision === 'met';
  }

  get decision(): WriteDecision {
    const confirmed = this.#confirmed.size;
    if (confirmed >= this.needed) return 'met';
    const possible = confirmed + this.#open.size + this.#spares.length;
    if (!this.#isOver && possible >= this.needed) return 'open';
    return confirmed > 0 || this.#open.size > 0 || this.#mayExist ? 'failed' : 'undone';
  }
}

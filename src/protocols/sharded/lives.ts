// The lives of servers that the shard master knows: which is the latest of each, and which have
// ended. Pure.
import { type Life, lifeKey, type NodeId } from '../../kernel/ids.ts';

export class Lives {
  readonly #live = new Map<NodeId, Life>();
  readonly #endedUpTo = new Map<NodeId, number>();
  /** The lives that have left their group: they do not join by themselves. */
  readonly #left = new Set<number>();

  /** The servers that are known to live. */
  get ids(): NodeId[] {
    return [...this.#live.keys()].sort((a, b) => a - b);
  }

  /** The life of a server that is known to live. */
  of(id: NodeId): Life | undefined {
    return this.#live.get(id);
  }

  has({ id, incarnation }: Life): boolean {
    return this.#live.get(id)?.incarnation === incarnation;
  }

  /**
   * `ended` for a life that is known to have ended, `known` for one that is known to live. A new
   * life is registered; the former one of the same server has to be ended.
   */
  register(life: Life): 'ended' | 'known' | 'new' {
    const { id, incarnation } = life;
    const known = this.#live.get(id)?.incarnation ?? 0;
    if (incarnation <= (this.#endedUpTo.get(id) ?? 0) || known > incarnation) return 'ended';
    if (known === incarnation) return 'known';
    this.#live.set(id, life);
    return 'new';
  }

  /** A life has ended. */
  end(life: Life): void {
    const { id, incarnation } = life;
    this.#endedUpTo.set(id, Math.max(this.#endedUpTo.get(id) ?? 0, incarnation));
    if (this.has(life)) this.#live.delete(id);
  }

  leave(id: NodeId): void {
    const life = this.#live.get(id);
    if (life !== undefined) this.#left.add(lifeKey(life));
  }

  hasLeft(life: Life): boolean {
    return this.#left.has(lifeKey(life));
  }

  return(life: Life): void {
    this.#left.delete(lifeKey(life));
  }
}

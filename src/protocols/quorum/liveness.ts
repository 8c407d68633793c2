// Which servers this one believes to be alive. It has no other source than its links and its calls.
import type { NodeId } from '../../kernel/ids.ts';

export class Liveness {
  readonly #suspectsOnError: boolean;
  readonly #linked = new Set<NodeId>();
  readonly #suspected = new Set<NodeId>();

  /** `suspectsOnError`: whether a failed call is enough to believe a server dead. */
  constructor(suspectsOnError: boolean) {
    this.#suspectsOnError = suspectsOnError;
  }

  /** The servers that there is a link to, by ascending id. */
  get linked(): NodeId[] {
    return [...this.#linked].sort((a, b) => a - b);
  }

  connected(peer: NodeId): void {
    this.#linked.add(peer);
    this.#suspected.delete(peer);
  }

  disconnected(peer: NodeId): void {
    this.#linked.delete(peer);
  }

  /** A call of that server came in, or its answer to one. */
  heard(peer: NodeId): void {
    this.#suspected.delete(peer);
  }

  /** A call to that server had no answer. */
  failed(peer: NodeId): void {
    if (this.#suspectsOnError) this.#suspected.add(peer);
  }

  isLinked(peer: NodeId): boolean {
    return this.#linked.has(peer);
  }

  isAlive(peer: NodeId): boolean {
    return this.#linked.has(peer) && !this.#suspected.has(peer);
  }
}

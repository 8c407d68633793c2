// Which servers this one believes to be alive. It has no other source than its links, its calls and
// its gossip.
import type { NodeId } from '../../kernel/ids.ts';

export class Liveness {
  readonly #suspectsOnError: boolean;
  readonly #linked = new Set<NodeId>();
  /** The servers of which a call has failed since they were last heard. */
  readonly #failed = new Set<NodeId>();
  /** The servers that have not answered a ping of gossip since they were last heard. */
  readonly #missed = new Set<NodeId>();

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
    this.heard(peer);
  }

  disconnected(peer: NodeId): void {
    this.#linked.delete(peer);
  }

  /** A call of that server came in, or an answer. True if a call to it had failed before. */
  heard(peer: NodeId): boolean {
    this.#missed.delete(peer);
    return this.#failed.delete(peer);
  }

  /** A ping of gossip had no answer: that server is believed dead until it is heard. */
  missed(peer: NodeId): void {
    this.failed(peer);
    this.#missed.add(peer);
  }

  /** A call to that server had no answer. */
  failed(peer: NodeId): void {
    this.#failed.add(peer);
  }

  isLinked(peer: NodeId): boolean {
    return this.#linked.has(peer);
  }

  isAlive(peer: NodeId): boolean {
    const isSuspected = this.#suspectsOnError && this.#failed.has(peer);
    return this.#linked.has(peer) && !isSuspected && !this.#missed.has(peer);
  }
}

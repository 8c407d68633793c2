// The choice of the connected server that a client asks.
import type { NodeId } from '../kernel/ids.ts';
import { randomOf } from '../kernel/random.ts';

export interface Choice {
  readonly server: NodeId;
  /** All candidates, by ascending id. */
  readonly of: readonly NodeId[];
}

export class ServerChoice {
  /** The connected servers, by ascending id. */
  #servers: readonly NodeId[] = [];

  connected(server: NodeId): void {
    this.disconnected(server);
    this.#servers = [...this.#servers, server].sort((a, b) => a - b);
  }

  disconnected(server: NodeId): void {
    this.#servers = this.#servers.filter((id) => id !== server);
  }

  /**
   * A server that was not tried; with `only`, no other server. `random` is called only if there is
   * more than one candidate.
   */
  choose(tried: readonly NodeId[], random: () => number, only?: NodeId): Choice | undefined {
    const of = this.#candidates(tried, only);
    const server = randomOf(random, of);
    return server === undefined ? undefined : { server, of };
  }

  #candidates(tried: readonly NodeId[], only: NodeId | undefined): readonly NodeId[] {
    if (tried.length === 0 && only === undefined) return this.#servers;
    return this.#servers.filter((id) => !tried.includes(id) && (only === undefined || id === only));
  }
}

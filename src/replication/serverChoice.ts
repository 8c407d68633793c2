// Which of its connected servers a client asks.
import type { NodeId } from '../kernel/ids.ts';
import { randomBelow } from '../kernel/random.ts';

export interface Choice {
  readonly server: NodeId;
  /** All that it was chosen from, by ascending id. One alone is no choice. */
  readonly of: readonly NodeId[];
}

export class ServerChoice {
  /** Those that are connected, by ascending id. */
  #servers: readonly NodeId[] = [];

  connected(server: NodeId): void {
    this.disconnected(server);
    this.#servers = [...this.#servers, server].sort((a, b) => a - b);
  }

  disconnected(server: NodeId): void {
    this.#servers = this.#servers.filter((id) => id !== server);
  }

  /**
   * One that was not tried; no other than `only` where that is given. `random` is asked only where
   * there is more than one.
   */
  choose(tried: ReadonlySet<NodeId>, random: () => number, only?: NodeId): Choice | undefined {
    const isEligible = (id: NodeId): boolean =>
      !tried.has(id) && (only === undefined || id === only);
    const of = this.#servers.filter(isEligible);
    const server = of.length <= 1 ? of[0] : of[randomBelow(random, of.length)];
    return server === undefined ? undefined : { server, of };
  }
}

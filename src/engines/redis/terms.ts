// Who was the primary when, and whom each server has to follow. Synchronous.
import type { VectorTuples } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';

export class Terms {
  #latest = 0;
  readonly #termByServer = new Map<NodeId, number>();
  #greatest = 0;

  /** The server is the primary from now on, after all that were. */
  begin(server: NodeId): void {
    this.#latest += 1;
    this.#termByServer.set(server, this.#latest);
  }

  /** A number that no term of a store has that was seen (commands.ts). */
  get unused(): number {
    return this.#greatest + 1;
  }

  /** A store with these writes was seen. */
  saw(applied: VectorTuples | null): void {
    for (const [, term] of applied ?? []) this.#greatest = Math.max(this.#greatest, term);
  }

  /** The server has become a replica. */
  end(server: NodeId): void {
    this.#termByServer.delete(server);
  }

  isPrimary(server: NodeId): boolean {
    return this.#termByServer.has(server);
  }

  /** The primary with the latest term among these; a client that reaches them takes it for that. */
  latestOf(servers: readonly NodeId[]): NodeId | undefined {
    const primaries = servers.filter((id) => this.isPrimary(id));
    return primaries.reduce<NodeId | undefined>(
      (best, id) => (best === undefined || this.#term(id) > this.#term(best) ? id : best),
      undefined,
    );
  }

  #term(server: NodeId): number {
    return this.#termByServer.get(server) ?? 0;
  }
}

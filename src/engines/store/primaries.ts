// Who was the primary when. Synchronous.
import type { NodeId } from '../../kernel/ids.ts';

export class Primaries {
  #latest = 0;
  readonly #termByServer = new Map<NodeId, number>();

  /** The number of a term that is to begin, above all others. */
  reserve(): number {
    this.#latest += 1;
    return this.#latest;
  }

  /** The server is the primary from now on. Returns the term. */
  begin(server: NodeId, term = this.reserve()): number {
    this.#termByServer.set(server, term);
    return term;
  }

  /** The server follows another one. */
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

// The servers that a server is linked to, and the calls to them that no caller waits for.
import type { Env } from '../kernel/env.ts';
import type { NodeId, Role } from '../kernel/ids.ts';
import { unlessCallError } from './background.ts';
import { Tasks } from './tasks.ts';

export class Peers implements Iterable<NodeId> {
  readonly #linked = new Set<NodeId>();
  readonly #calls: Tasks;

  constructor(env: Pick<Env, 'after'>) {
    this.#calls = new Tasks(env);
  }

  /** Clients are no peers. */
  connected(node: NodeId, role: Role): void {
    if (role === 'server') this.#linked.add(node);
  }

  disconnected(node: NodeId): void {
    this.#linked.delete(node);
  }

  /** The linked servers at this moment, in the order of their links. */
  [Symbol.iterator](): IterableIterator<NodeId> {
    return this.#linked.values();
  }

  /**
   * Calls each linked server. A CallError is ignored and nothing is repeated, so a server may miss
   * what the others are told.
   */
  tell(call: (peer: NodeId) => Promise<unknown>): void {
    for (const peer of this.#linked) {
      this.#calls.run(async () => {
        await unlessCallError(call(peer));
      });
    }
  }

  /** Resolves when all calls that were begun before have ended. */
  async quiesced(): Promise<undefined> {
    await this.#calls.quiesced();
  }
}

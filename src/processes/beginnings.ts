// The lives whose start is under way. A link to such a life has to wait for it.
import type { NodeId } from '../kernel/ids.ts';

export class Beginnings {
  readonly #startById = new Map<NodeId, Promise<unknown>>();

  /** The given start, which is under way until it has settled. */
  during<T>(id: NodeId, start: Promise<T>): Promise<T> {
    this.#startById.set(id, start);
    const forget = (): void => {
      if (this.#startById.get(id) === start) this.#startById.delete(id);
    };
    start.then(forget, forget);
    return start;
  }

  /** Resolves when no start of these nodes is under way. */
  async over(...nodes: readonly NodeId[]): Promise<void> {
    await Promise.allSettled(nodes.map((node) => this.#startById.get(node)));
  }
}

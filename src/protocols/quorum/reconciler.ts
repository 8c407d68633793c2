// Makes two replicas equal: they find the keys at which they differ by their Merkle trees, and
// exchange the writes of these, in both directions (DeCandia et al., "Dynamo", SOSP 2007, section
// 4.7).
import type { NodeId } from '../../kernel/ids.ts';
import { MerkleDescent } from '../../replication/merkle/descent.ts';
import { cutParts, firstPart } from '../../replication/parts.ts';
import { type Holding, holdingOf } from './exchange.ts';
import type { Journal } from './journal.ts';
import type { Peers } from './peers.ts';
import type { QuorumState } from './state.ts';
import { packWrite, sizeOf, unpackWrite, type Write } from './write.ts';

export class Reconciler {
  readonly #journal: Journal;
  readonly #state: QuorumState;
  readonly #peers: Peers;

  constructor(journal: Journal, peers: Peers) {
    this.#journal = journal;
    this.#state = journal.state;
    this.#peers = peers;
  }

  /**
   * With the server at the end of the route. Afterwards each of the two has what the other had
   * before. Rejects with CallError.
   */
  async reconcile(route: readonly NodeId[], timeoutMs: number): Promise<void> {
    const peer = route.at(-1) as NodeId;
    await this.#journal.settled();
    const { number: ring } = this.#state.ringOrRefuse();
    const roots = this.#state.store.forest.rootsWith(peer);
    const { trees } = await this.#peers.callVia(route, 'compare', { ring, roots }, timeoutMs);
    for (const name of trees) {
      const descent = new MerkleDescent(this.#state.store.forest.tree(name));
      for (;;) {
        const question = descent.next();
        if (question === undefined) break;
        const params = { ring, tree: name, question };
        const { answer } = await this.#peers.callVia(route, 'descend', params, timeoutMs);
        const keys = descent.take(answer);
        if (keys.length > 0) await this.#exchange(route, keys, timeoutMs);
      }
    }
  }

  /** Keeps writes of another replica's store. Throws CallError for those that are absurd. */
  async keepCopies(writes: readonly Write[]): Promise<void> {
    for (const write of writes) this.#state.check(write, this.#state.self.id);
    const packed = writes.map(packWrite);
    if (packed.length > 0) {
      await this.#journal.commit({ kind: 'writes', writes: packed, isCopy: true });
    }
    this.#journal.observeKept(writes);
  }

  async #exchange(
    route: readonly NodeId[],
    keys: readonly string[],
    timeoutMs: number,
  ): Promise<void> {
    const { number: ring } = this.#state.ringOrRefuse();
    let left: readonly string[] = keys;
    while (left.length > 0) {
      const part = firstPart(left, (key) => sizeOf({ key, value: null, context: null }));
      const holdings: Holding[] = part.map((key) => holdingOf(this.#state, key));
      const asked = this.#peers.callVia(route, 'pull', { ring, holdings }, timeoutMs);
      const { writes, lacking, answered } = await asked;
      await this.keepCopies(writes.map(unpackWrite));
      const owed = lacking.flatMap((number) => this.#state.store.find(part[number] ?? ''));
      for (const some of cutParts(owed, sizeOf)) {
        const params = { ring, writes: some.map(packWrite) };
        await this.#peers.callVia(route, 'push', params, timeoutMs);
      }
      left = left.slice(answered);
    }
  }
}

// Answers a replica that compares its keys with those of this one (reconciler.ts).
import type { NodeId } from '../../kernel/ids.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import { answerMerkle } from '../../replication/merkle/descent.ts';
import type { Bootstrap } from './bootstrap.ts';
import { answerTo } from './exchange.ts';
import type { Journal } from './journal.ts';
import type { QuorumMessages } from './messages.ts';
import type { Reconciler } from './reconciler.ts';
import type { QuorumState } from './state.ts';
import { packWrite, unpackWrite } from './write.ts';

type Params<K extends keyof QuorumMessages> = ParamsOf<QuorumMessages, K>;
type Result<K extends keyof QuorumMessages> = ResultOf<QuorumMessages, K>;

export class Reconciling {
  readonly #journal: Journal;
  readonly #state: QuorumState;
  readonly #reconciler: Reconciler;
  readonly #bootstrap: Bootstrap;

  constructor(parts: {
    readonly journal: Journal;
    readonly reconciler: Reconciler;
    readonly bootstrap: Bootstrap;
  }) {
    this.#journal = parts.journal;
    this.#state = parts.journal.state;
    this.#reconciler = parts.reconciler;
    this.#bootstrap = parts.bootstrap;
  }

  async compare(from: NodeId, { ring, roots }: Params<'compare'>): Promise<Result<'compare'>> {
    await this.#bootstrap.sameRing(ring);
    // Writes that this replica took under the ring before may be on their way to the disk.
    await this.#journal.settled();
    return { trees: this.#state.store.forest.differing(from, roots), ...this.#stamp() };
  }

  async descend({ ring, tree, question }: Params<'descend'>): Promise<Result<'descend'>> {
    await this.#bootstrap.sameRing(ring);
    return {
      answer: answerMerkle(this.#state.store.forest.tree(tree), question),
      ...this.#stamp(),
    };
  }

  async pull(from: NodeId, { ring, holdings }: Params<'pull'>): Promise<Result<'pull'>> {
    await this.#bootstrap.sameRing(ring);
    await this.#journal.settled();
    const { writes, ...rest } = answerTo(this.#state, from, holdings);
    return { writes: writes.map(packWrite), ...rest, ...this.#stamp() };
  }

  async push({ ring, writes }: Params<'push'>): Promise<Result<'push'>> {
    await this.#bootstrap.sameRing(ring);
    await this.#reconciler.keepCopies(writes.map(unpackWrite));
    return this.#stamp();
  }

  #stamp(): { clock: number } {
    return { clock: this.#state.clock.time };
  }
}

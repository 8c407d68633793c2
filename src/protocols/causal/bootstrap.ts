// The bootstrap of a server that joins: it asks every server that it is told of for its clock, and
// accepts writes once a bootstrapped server has answered. So it accepts no write with a timestamp
// below a tombstone that was collected before (docs/decisions/0009-tombstone-collection.md).
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { CALL_TIMEOUT_MS } from '../../kernel/limits.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import type { Gossip } from './gossip.ts';
import type { Journal } from './journal.ts';
import type { CausalMessages } from './messages.ts';
import type { CausalState } from './state.ts';

/** A `join` may be lost. All peers are asked again after this time, then after twice this time. */
const FIRST_RETRY_MS = CALL_TIMEOUT_MS / 16;
/** How long a write waits. The refusal must reach the session before its call times out. */
const WAIT_MS = CALL_TIMEOUT_MS / 2;

export class Bootstrap {
  readonly #env: Env<CausalMessages, 'server'>;
  readonly #journal: Journal;
  readonly #state: CausalState;
  readonly #gossip: Gossip;
  readonly #joins = new Set<Promise<void>>();
  readonly #completed: Promise<void>;
  #resolveCompleted: () => void = () => undefined;
  #hasHadPeers = false;
  #retryMs = FIRST_RETRY_MS;
  #isRetrying = false;

  constructor(env: Env<CausalMessages, 'server'>, journal: Journal, gossip: Gossip) {
    this.#env = env;
    this.#journal = journal;
    this.#state = journal.state;
    this.#gossip = gossip;
    this.#completed = new Promise((resolve) => {
      this.#resolveCompleted = resolve;
    });
  }

  /** To be called after `Gossip.connected`: `wait` asks the peers of the gossip. */
  connected(peer: NodeId): void {
    this.#hasHadPeers = true;
    if (this.#state.isBootstrapped) return;
    this.#join(peer);
    this.#retryLater();
  }

  /**
   * Answers the `join` of a peer, also over a link that was cut since: a late clock does no harm.
   * A server that is not bootstrapped first waits for its disk: a transfer on its way there may
   * complete the bootstrap.
   */
  receive({
    clock,
  }: ParamsOf<CausalMessages, 'join'>):
    | ResultOf<CausalMessages, 'join'>
    | Promise<ResultOf<CausalMessages, 'join'>> {
    this.#journal.witness(clock);
    return this.#state.isBootstrapped || !this.#journal.isDurable
      ? this.#answer()
      : this.#journal.caughtUp().then(() => this.#answer());
  }

  /**
   * Whether a write may be accepted. The first server of a run has no peer to ask, so its bootstrap
   * is complete. To be called only when this server was told of every server that lived when it
   * joined: at its first write, or when it is asked to quiesce.
   */
  isComplete(): boolean {
    if (!this.#hasHadPeers) this.#complete();
    return this.#state.isBootstrapped;
  }

  /**
   * Resolves once this server is bootstrapped, or after WAIT_MS. Each waiting write continues in an
   * event of its own, so that the invariants see every write that is accepted.
   */
  async wait(): Promise<void> {
    if (this.#gossip.peers.length === 0) return;
    this.#joinAll();
    let cancel = (): void => undefined;
    const isOver = new Promise<void>((resolve) => {
      cancel = this.#env.after(WAIT_MS, resolve);
    });
    await Promise.race([this.#completed, isOver]);
    cancel();
    await new Promise<void>((resolve) => {
      this.#env.after(0, resolve);
    });
  }

  /** Resolves once this server is bootstrapped, or when every `join` sent so far has ended. */
  async quiesced(): Promise<void> {
    if (this.isComplete()) return;
    await Promise.race([this.#completed, Promise.all(this.#joins)]);
  }

  #answer(): ResultOf<CausalMessages, 'join'> {
    return { isBootstrapped: this.#state.isBootstrapped, clock: this.#state.clock.time };
  }

  #complete(): void {
    this.#state.completeBootstrap();
    this.#resolveCompleted();
  }

  #joinAll(): void {
    for (const peer of this.#gossip.peers) this.#join(peer);
  }

  #join(peer: NodeId): void {
    const joining = this.#ask(peer).finally(() => this.#joins.delete(joining));
    this.#joins.add(joining);
  }

  async #ask(peer: NodeId): Promise<void> {
    try {
      const answer = await this.#env.call(peer, 'join', { clock: this.#state.clock.time });
      this.#journal.witness(answer.clock);
      if (answer.isBootstrapped) this.#complete();
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
    }
  }

  #retryLater(): void {
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    this.#env.after(this.#retryMs, () => {
      this.#isRetrying = false;
      if (this.#state.isBootstrapped || this.#gossip.peers.length === 0) return;
      this.#retryMs = Math.min(2 * this.#retryMs, CALL_TIMEOUT_MS);
      this.#joinAll();
      this.#retryLater();
    });
  }
}

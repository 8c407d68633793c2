// How a server that joins gets to know the time before its first write: it greets every server that
// it is told of, and takes over the clock of the first that is acquainted itself. So nothing is
// written below a deletion that was forgotten before (docs/decisions/0009-forgetting.md).
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { CALL_TIMEOUT_MS } from '../../kernel/limits.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import type { Gossip } from './gossip.ts';
import type { Journal } from './journal.ts';
import type { CausalMessages } from './messages.ts';
import type { CausalState } from './state.ts';

/** A greeting may be lost: all peers are greeted again after this time, then after twice it. */
const FIRST_RETRY_MS = CALL_TIMEOUT_MS / 16;
/** A write waits for so long: its session's call must not time out before it hears of a refusal. */
const WAIT_MS = CALL_TIMEOUT_MS / 2;

export class Acquaintance {
  readonly #env: Env<CausalMessages, 'server'>;
  readonly #journal: Journal;
  readonly #state: CausalState;
  readonly #gossip: Gossip;
  readonly #greetings = new Set<Promise<void>>();
  readonly #made: Promise<void>;
  #tellMade: () => void = () => undefined;
  #hasHadPeers = false;
  #retryMs = FIRST_RETRY_MS;
  #isRetrying = false;

  constructor(env: Env<CausalMessages, 'server'>, journal: Journal, gossip: Gossip) {
    this.#env = env;
    this.#journal = journal;
    this.#state = journal.state;
    this.#gossip = gossip;
    this.#made = new Promise((resolve) => {
      this.#tellMade = resolve;
    });
  }

  /** The gossip knows the peer already. */
  connected(peer: NodeId): void {
    this.#hasHadPeers = true;
    if (this.#state.isAcquainted) return;
    this.#greet(peer);
    this.#retryLater();
  }

  /**
   * Answers a greeting, over whichever link it came: a clock is no secret, and a late one true. One
   * that is not acquainted may have received what makes it so, and waits until that is durable.
   */
  receive({
    clock,
  }: ParamsOf<CausalMessages, 'greet'>):
    | ResultOf<CausalMessages, 'greet'>
    | Promise<ResultOf<CausalMessages, 'greet'>> {
    this.#journal.witness(clock);
    return this.#state.isAcquainted || !this.#journal.isDurable
      ? this.#answer()
      : this.#journal.caughtUp().then(() => this.#answer());
  }

  /**
   * Whether a write may be accepted. By the time that anybody may write here or asks whether this
   * server has settled, it was told of every server that lived when it joined. If there was none,
   * it is the first, and there is nobody to hear of.
   */
  isMade(): boolean {
    if (!this.#hasHadPeers) this.#make();
    return this.#state.isAcquainted;
  }

  /**
   * Resolves once this server is acquainted, or when a write has waited for long enough: for each
   * that waits in an event of its own, so that the invariants see every write that is accepted.
   */
  async wait(): Promise<void> {
    if (this.#gossip.peers.length === 0) return;
    this.#greetAll();
    let cancel = (): void => undefined;
    const isOver = new Promise<void>((resolve) => {
      cancel = this.#env.after(WAIT_MS, resolve);
    });
    await Promise.race([this.#made, isOver]);
    cancel();
    await new Promise<void>((resolve) => {
      this.#env.after(0, resolve);
    });
  }

  /** Resolves once this server is acquainted, or no greeting of before is under way any more. */
  async settled(): Promise<void> {
    if (this.isMade()) return;
    await Promise.race([this.#made, Promise.all(this.#greetings)]);
  }

  #answer(): ResultOf<CausalMessages, 'greet'> {
    return { isAcquainted: this.#state.isAcquainted, clock: this.#state.clock.time };
  }

  #make(): void {
    this.#state.acquaint();
    this.#tellMade();
  }

  #greetAll(): void {
    for (const peer of this.#gossip.peers) this.#greet(peer);
  }

  #greet(peer: NodeId): void {
    const greeting = this.#ask(peer).finally(() => this.#greetings.delete(greeting));
    this.#greetings.add(greeting);
  }

  async #ask(peer: NodeId): Promise<void> {
    try {
      const answer = await this.#env.call(peer, 'greet', { clock: this.#state.clock.time });
      this.#journal.witness(answer.clock);
      if (answer.isAcquainted) this.#make();
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
    }
  }

  #retryLater(): void {
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    this.#env.after(this.#retryMs, () => {
      this.#isRetrying = false;
      if (this.#state.isAcquainted || this.#gossip.peers.length === 0) return;
      this.#retryMs = Math.min(2 * this.#retryMs, CALL_TIMEOUT_MS);
      this.#greetAll();
      this.#retryLater();
    });
  }
}

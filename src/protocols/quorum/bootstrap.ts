// How a server gets the ring, and its data if it has lost them: asks the configuration service, and
// copies from the other members. A newcomer goes through the steps of the ring's growth (ring.ts).
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import {
  ignoreCallError,
  inBackground,
  pause,
  unlessCallError,
} from '../../replication/background.ts';
import type { Tasks } from '../../replication/tasks.ts';
import { HELLO_MS } from '../../replication/timing.ts';
import { noRing } from './errors.ts';
import type { HandOff } from './handOff.ts';
import type { Journal } from './journal.ts';
import type { QuorumMessages } from './messages.ts';
import type { RingSpec } from './ring.ts';
import type { QuorumState } from './state.ts';

/** The longest pause between two attempts to copy from a member that does not answer. */
const MOST_RETRY_MS = 16 * HELLO_MS;

export class Bootstrap {
  /**
   * Resolves when the service has answered for the first time: with the servers that have to join
   * before there can be a ring.
   */
  readonly joined: Promise<readonly number[]>;
  readonly #env: Env<QuorumMessages, 'server'>;
  readonly #journal: Journal;
  readonly #state: QuorumState;
  readonly #handOff: HandOff;
  readonly #tasks: Tasks;
  #isRetrying = false;
  #isWaiting = false;
  #advance: Promise<boolean> | undefined;

  constructor(
    env: Env<QuorumMessages, 'server'>,
    parts: { readonly journal: Journal; readonly handOff: HandOff; readonly tasks: Tasks },
  ) {
    this.#env = env;
    this.#journal = parts.journal;
    this.#state = parts.journal.state;
    this.#handOff = parts.handOff;
    this.#tasks = parts.tasks;
    this.joined = new Promise((resolve) => {
      inBackground(env, async () => resolve(await this.#joinAtStart()));
    });
  }

  /** Tells the service that this server is here. Gives what `joined` gives. */
  async join(isNeeded: boolean): Promise<readonly number[]> {
    const { store } = this.#state;
    const known = this.#state.ring?.spec ?? null;
    const asked = { ring: known, floor: store.floor, isNeeded };
    const { ring, awaited, floor } = await this.#env.callService('join', asked);
    if (floor > store.floor) await this.#journal.commit({ kind: 'collect', floor });
    await this.#takeOver(ring);
    this.copyAll();
    this.#waitForPlace();
    return awaited;
  }

  /** Asks the service for a later ring. Does nothing if the service cannot be reached. */
  async refresh(): Promise<void> {
    await unlessCallError(this.join(false));
  }

  async #takeOver(ring: RingSpec | null): Promise<void> {
    if (ring === null || ring.number <= (this.#state.ring?.number ?? 0)) return;
    const isComplete = this.#state.isCompleteOn(ring);
    await this.#journal.commit({ kind: 'ring', ring, isComplete });
    for (const owner of this.#state.hints.owners) {
      this.#tasks.run(() => this.#handOff.deliver(owner));
    }
  }

  /** Gets the ring for a request. Rejects with ERR_NO_RING: nothing is done without it. */
  async needRing(): Promise<void> {
    if (this.#state.ring !== undefined) return;
    let awaited: readonly number[];
    try {
      awaited = await this.join(true);
    } catch (error) {
      if (error instanceof CallError && error.code !== 'E_STORAGE') throw noRing(error.message);
      throw error;
    }
    if (awaited.length > 0) throw noRing(`servers ${awaited.join(', ')} have to join first`);
  }

  /** A peer counts on that ring. Rejects with ERR_STALE_RING if this server has another one. */
  async sameRing(number: number): Promise<void> {
    await this.hearOf(number);
    this.#state.checkRing(number);
  }

  /** A peer has the ring of that number: if this server has an earlier one, it asks for it. */
  async hearOf(number: number): Promise<void> {
    if ((this.#state.ring?.number ?? 0) < number) await this.refresh();
  }

  /**
   * A member without its data, or a newcomer, copies from all others that share keys with it, again
   * and again until it has copied from each. To be called when it can reach another one, too.
   */
  copyAll(): void {
    if (!this.#hasWork) return;
    this.#tasks.run(() => this.#copyPass());
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    inBackground(this.#env, async () => {
      for (let ms = HELLO_MS; this.#canWork; ms = Math.min(2 * ms, MOST_RETRY_MS)) {
        await pause(this.#env, ms);
        if (this.#canWork) await this.#copyPass();
      }
      this.#isRetrying = false;
    });
  }

  /** Another newcomer is not a member yet: this server asks again until it is the newcomer. */
  #waitForPlace(): void {
    if (this.#isWaiting || !this.#state.isWaiting) return;
    this.#isWaiting = true;
    inBackground(this.#env, async () => {
      for (let ms = HELLO_MS; this.#state.isWaiting; ms = Math.min(2 * ms, MOST_RETRY_MS)) {
        await pause(this.#env, ms);
        await this.refresh();
      }
      this.#isWaiting = false;
    });
  }

  async #joinAtStart(): Promise<readonly number[]> {
    // Not at once: the records of the log are restored right after the constructor.
    await pause(this.#env, 0);
    this.#tasks.run(() => this.#handOff.deliver(this.#state.self.id));
    for (;;) {
      const awaited = await unlessCallError(this.join(false));
      if (awaited !== undefined) return awaited;
      await pause(this.#env, HELLO_MS);
    }
  }

  /** The servers that it has to copy from, and can reach. */
  get #reached(): number[] {
    return this.#state.uncopied.filter((id) => this.#state.liveness.isLinked(id));
  }

  get #hasWork(): boolean {
    return !this.#state.isComplete || this.#state.isNewcomer;
  }

  get #canWork(): boolean {
    return this.#state.isComplete ? this.#state.isNewcomer : this.#reached.length > 0;
  }

  /** Copies from all that can be reached. A newcomer goes on with the next steps of the growth. */
  async #copyPass(): Promise<void> {
    const { ring } = this.#state;
    await Promise.all(this.#reached.map((id) => this.#handOff.exchangeWith(id)));
    // Some have refused the former ring.
    if (this.#state.ring !== ring) return this.#copyPass();
    if (!this.#state.isNewcomer || !this.#state.isComplete) return;
    this.#advance ??= this.#takeStep().finally(() => {
      this.#advance = undefined;
    });
    if (await this.#advance) await this.#copyPass();
  }

  /** Tells the service that this newcomer has copied. Whether there is a new ring. */
  async #takeStep(): Promise<boolean> {
    const ring = this.#state.ringOrRefuse();
    try {
      const next = await this.#env.callService('advance', { ring: ring.number });
      await this.#takeOver(next.ring);
    } catch (error) {
      ignoreCallError(error);
    }
    if (this.#state.ring === ring) return false;
    // The others learn of the new ring at once, not only when a request of theirs is refused.
    const { linked } = this.#state.liveness;
    if (!this.#state.isNewcomer) await Promise.all(linked.map((id) => this.#handOff.announce(id)));
    return true;
  }
}

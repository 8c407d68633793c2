// How a server gets the ring, and its data if it has lost them: asks the configuration service, and
// copies from the other members.
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import { inBackground, pause, unlessCallError } from '../../replication/background.ts';
import type { Tasks } from '../../replication/tasks.ts';
import { HELLO_MS } from '../../replication/timing.ts';
import { noRing } from './errors.ts';
import type { HandOff } from './handOff.ts';
import type { Journal } from './journal.ts';
import type { QuorumMessages } from './messages.ts';
import { QuorumRing } from './ring.ts';
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
  #isCopying = false;

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
    const { store, self } = this.#state;
    const known = this.#state.ring?.spec ?? null;
    const asked = { ring: known, floor: store.floor, isNeeded };
    const { ring, awaited, floor } = await this.#env.callService('join', asked);
    if (floor > store.floor) await this.#journal.commit({ kind: 'collect', floor });
    if (ring !== null && ring.number > (this.#state.ring?.number ?? 0)) {
      const isComplete = new QuorumRing(ring).isFounder(self);
      await this.#journal.commit({ kind: 'ring', ring, isComplete });
    }
    this.copyAll();
    return awaited;
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
    if ((this.#state.ring?.number ?? 0) < number) await this.join(false);
    if (this.#state.ring?.number !== number) throw new CallError('ERR_STALE_RING', `${number}`);
  }

  /**
   * A member without its data copies from all others that share keys with it, again and again until
   * it has copied from each. To be called when it can reach another one, too.
   */
  copyAll(): void {
    if (this.#isCopying || this.#state.isComplete) return;
    this.#isCopying = true;
    const first = this.#copyPass();
    this.#tasks.run(() => first);
    inBackground(this.#env, async () => {
      await first;
      for (let ms = HELLO_MS; this.#reached.length > 0; ms = Math.min(2 * ms, MOST_RETRY_MS)) {
        await pause(this.#env, ms);
        await this.#copyPass();
      }
      this.#isCopying = false;
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

  async #copyPass(): Promise<void> {
    await Promise.all(this.#reached.map((id) => this.#handOff.copyFrom(id)));
  }
}

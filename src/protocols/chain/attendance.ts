// What a server and the configuration service have to say to each other, reads apart: asking to be
// taken in, learning of configurations, reporting that all is in sync, saying whom one reaches.
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { ResultOf } from '../../kernel/messages.ts';
import type { RoundOutcome } from '../../kernel/protocol.ts';
import type { Configuration } from './configuration.ts';
import { askInVain, inBackground, pause } from './failures.ts';
import type { ChainMessages } from './messages.ts';
import { type Recollection, recollect } from './recollection.ts';
import type { ChainState } from './state.ts';
import { CALL_MS, HELLO_MS, PING_MS, PINGS, RETRY_MS } from './timing.ts';

export interface AttendanceSetup {
  readonly env: Env<ChainMessages>;
  readonly state: ChainState;
  adopt(configuration: Configuration): void;
  /** Whether this server can no longer keep anything, and so leaves, and stays outside. */
  isFull(): boolean;
}

export class Attendance {
  readonly #setup: AttendanceSetup;
  /** What the disk remembered when this life began; undefined until somebody wants to know. */
  #recovered: Recollection | null | undefined;
  #isAsking = false;
  #isCatchingUp = false;
  #isResigning = false;
  #reportedEpoch = 0;
  #wake: () => void = () => undefined;
  #hasHadPlaces = false;
  readonly #asking: ((awaited?: readonly NodeId[]) => void)[] = [];

  constructor(setup: AttendanceSetup) {
    this.#setup = setup;
  }

  /** What the disk remembered. To be called before the first configuration is taken over. */
  recall(): Recollection | null {
    if (this.#recovered === undefined) this.#recovered = recollect(this.#setup.state);
    return this.#recovered;
  }

  /** Asks to be taken in until that is so. To be called whenever it may not be so. */
  attend(): void {
    if (this.#isAsking) {
      this.#wake();
      return;
    }
    this.#isAsking = true;
    inBackground(this.#setup.env, () => this.#sayHello());
  }

  /**
   * Resolves when this server has had its places, or with those who have to join before it can: who
   * waits for this one would only keep them from it.
   */
  settled(): Promise<readonly NodeId[] | undefined> {
    if (this.#hasHadPlaces) return Promise.resolve(undefined);
    return new Promise((resolve) => this.#asking.push(resolve));
  }

  /** Leaves every chain that has somebody else, because nothing can be kept here any more. */
  resign(): void {
    if (this.#isResigning) return;
    this.#isResigning = true;
    inBackground(this.#setup.env, async () => {
      const { env, state } = this.#setup;
      while (state.hasCompany) {
        await this.#inVain(env.callService('resign', {}, CALL_MS));
        await pause(env, RETRY_MS);
      }
      this.#isResigning = false;
    });
  }

  /** Asks for the current configuration, because somebody seems to have another one. */
  catchUp(): void {
    if (this.#isCatchingUp) return;
    this.#isCatchingUp = true;
    inBackground(this.#setup.env, async () => {
      const { env, state, adopt } = this.#setup;
      const { epoch } = state;
      const answer = await this.#inVain(env.callService('confirm', { epoch }, CALL_MS));
      this.#isCatchingUp = false;
      if (answer?.configuration) adopt(answer.configuration);
    });
  }

  /**
   * To be called when a configuration was taken over, when the disk has it, and when a log has come
   * to be in sync.
   */
  progressed(): void {
    const { env, state, isFull } = this.#setup;
    if (isFull()) this.resign();
    if (state.lacksPlaces) this.attend();
    else if (state.hasBegun && ![...state.places()].some(({ isJoiner }) => isJoiner)) {
      this.#hasHadPlaces = true;
      for (const resolve of this.#asking.splice(0)) resolve();
    }
    const { epoch } = state;
    if (this.#reportedEpoch === epoch || !isAllSynced(state)) return;
    this.#reportedEpoch = epoch;
    inBackground(env, async () => {
      while (state.epoch === epoch && state.isInService) {
        const answer = await this.#inVain(env.callService('synced', { epoch }, CALL_MS));
        if (answer !== undefined) return;
        await pause(env, RETRY_MS);
      }
    });
  }

  /** Those of the peers that answer. A lost message or two prove nothing, so it asks again. */
  async reach(peers: readonly NodeId[]): Promise<ResultOf<ChainMessages, 'reach'>> {
    const answers = await Promise.all(peers.map((peer) => this.#reaches(peer)));
    return { reached: peers.filter((_peer, index) => answers[index]) };
  }

  /** Waits until every chain is whole, as far as the time goes. */
  async stabilize({
    known,
    budgetMs,
  }: {
    known: readonly NodeId[];
    budgetMs: number;
  }): Promise<RoundOutcome> {
    const { env } = this.#setup;
    const until = env.now() + budgetMs - CALL_MS / 2;
    for (;;) {
      const status = await this.#inVain(env.callService('status', {}, CALL_MS));
      const reached = known.filter((id) => status?.serving.includes(id));
      if (status?.isWhole && reached.length === known.length) return { reached, missing: [] };
      // The others speak for themselves, or do not answer the master either.
      const missing = reached.includes(env.self.id) ? [] : [env.self.id];
      if (env.now() >= until) return { reached, missing };
      await pause(env, RETRY_MS);
    }
  }

  async #sayHello(): Promise<void> {
    const { env, state, adopt, isFull } = this.#setup;
    // Not in the constructor: what the disk has comes right behind it.
    await pause(env, 0);
    while (state.lacksPlaces && !isFull()) {
      const hello = { recovered: this.recall() };
      const answer = await this.#inVain(env.callService('hello', hello, CALL_MS));
      if (answer?.configuration) adopt(answer.configuration);
      if (!state.lacksPlaces) break;
      if (answer !== undefined && answer.awaited.length > 0) {
        for (const resolve of this.#asking.splice(0)) resolve(answer.awaited);
      }
      await new Promise<void>((resolve) => {
        const cancel = env.after(HELLO_MS, resolve);
        this.#wake = () => {
          cancel();
          resolve();
        };
      });
    }
    this.#isAsking = false;
  }

  /** A late answer counts like any other; a lost message or two prove nothing. */
  #reaches(peer: NodeId): Promise<boolean> {
    const { env } = this.#setup;
    return new Promise((resolve) => {
      let open = PINGS;
      let isReached = false;
      const succeeded = (): void => {
        isReached = true;
        resolve(true);
      };
      const failed = (error: unknown): void => {
        askInVain(error);
        open -= 1;
        const isCut = error instanceof CallError && error.code === 'ERR_NOT_CONNECTED';
        if (isCut || open === 0) resolve(false);
      };
      for (let count = 0; count < PINGS; count += 1) {
        const timeoutMs = (PINGS - count) * PING_MS;
        env.after(count * PING_MS, () => {
          if (!isReached) env.call(peer, 'ping', {}, timeoutMs).then(succeeded, failed);
        });
      }
    });
  }

  async #inVain<T>(question: Promise<T>): Promise<T | undefined> {
    try {
      return await question;
    } catch (error) {
      if (error instanceof CallError) return undefined;
      throw error;
    }
  }
}

function isAllSynced(state: ChainState): boolean {
  if (!state.isInService) return false;
  for (const { log } of state.places()) if (!log.isSynced) return false;
  return true;
}

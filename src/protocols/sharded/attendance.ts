// A server's questions to the shard master: asks for a place, for the current configuration, to be
// removed when its disk is full; and what a new server waits for.
import type { Env } from '../../kernel/env.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { inBackground, pause, unlessCallError } from '../../replication/background.ts';
import { Membership, type Question, type Standing } from '../../replication/membership.ts';
import { CALL_MS } from '../../replication/timing.ts';
import { type Configuration, groupOfLife } from './configuration.ts';
import type { DiskReport, ShardedMessages } from './messages.ts';
import type { ShardedState } from './state.ts';

export class Attendance {
  readonly #env: Env<ShardedMessages, 'server'>;
  readonly #state: ShardedState;
  readonly #adopt: (configuration: Configuration) => void;
  readonly #membership = new Membership();
  #waiters: ((awaited: readonly NodeId[]) => void)[] = [];
  #diskReport: DiskReport | null | undefined;

  constructor(
    env: Env<ShardedMessages, 'server'>,
    state: ShardedState,
    adopt: (configuration: Configuration) => void,
  ) {
    this.#env = env;
    this.#state = state;
    this.#adopt = adopt;
    // Not at once: the records of the disk are restored right after the constructor.
    inBackground(env, async () => {
      await pause(env, 0);
      this.attend();
    });
  }

  /** To be called before a configuration is adopted: what the disk had when this life began. */
  remember(): void {
    if (this.#diskReport === undefined) this.#diskReport = this.#state.reportDisk();
  }

  /** Another server is linked. */
  wake(): void {
    if (!standingOf(this.#state).lacksPositions) return;
    this.#membership.wake();
    this.attend();
  }

  /** Another server, or this one, has an old configuration. */
  outOfStep(): void {
    this.#membership.outOfStep();
    this.attend();
  }

  /** Resolves when this server has served, or needs no place; or with those that it waits for. */
  async whenPlaced(): Promise<readonly NodeId[]> {
    if (this.#membership.hasHadPositions || this.#state.isResting) return [];
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
    });
  }

  /** Asks what is due. */
  attend(): void {
    for (const question of this.#membership.take(standingOf(this.#state))) {
      inBackground(this.#env, async () => {
        const isAnswered = await unlessCallError(this.#ask(question));
        const ms = this.#membership.ended(question, isAnswered === true);
        if (ms > 0) await pause(this.#env, ms);
        this.#membership.rested(question);
        this.attend();
      });
    }
    const awaited = this.#state.isResting ? [] : this.#membership.takeAwaited();
    if (awaited === undefined) return;
    for (const resolve of this.#waiters.splice(0)) resolve(awaited);
  }

  async #ask({ kind, epoch: number }: Question): Promise<true> {
    const env = this.#env;
    if (kind === 'hello') {
      this.remember();
      const recovered = this.#diskReport ?? null;
      const answer = await env.callService('hello', { recovered }, CALL_MS);
      this.#membership.awaits(answer.awaited);
      if (answer.configuration !== null) this.#adopt(answer.configuration);
      this.#state.rest(!answer.isWaiting);
      this.attend();
    } else if (kind === 'confirm') {
      const { configuration } = await env.callService('confirm', { number }, CALL_MS);
      if (configuration !== null) this.#adopt(configuration);
    } else if (kind === 'resign') {
      await env.callService('resign', {}, CALL_MS);
    }
    return true;
  }
}

/** `synced` is not asked: a primary reports its joiners itself. */
function standingOf(state: ShardedState): Standing {
  const { position, configuration, isResting, isFull } = state;
  const serving = (configuration && groupOfLife(configuration, state.self))?.serving ?? [];
  const isFounding = position !== undefined && configuration?.move?.id === position.epoch;
  return {
    epoch: state.number,
    isInService: position !== undefined,
    lacksPositions: position === undefined && !isResting,
    hasPositions:
      position?.isServing === true && state.hasBegun(position) && configuration?.move === null,
    isSynced: false,
    isFull,
    // A join that is under way can be undone.
    hasCompany: serving.length > 1 || isFounding,
  };
}

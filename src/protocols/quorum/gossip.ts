// Gossip: each server pings a random other member at intervals, so that it learns who is alive, and
// delivers hints, also while there are no requests.
import type { Cancel, Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { randomBelow } from '../../kernel/random.ts';
import { inBackground } from '../../replication/background.ts';
import type { QuorumMessages } from './messages.ts';
import type { Interval } from './options.ts';
import { isSilence, type Peers } from './peers.ts';
import type { QuorumState } from './state.ts';

export class Gossip {
  readonly #env: Env<QuorumMessages, 'server'>;
  readonly #state: QuorumState;
  readonly #peers: Peers;
  readonly #onAnswer: (peer: NodeId) => void;
  /** Of the next ping; undefined while gossip is off. */
  #cancel: Cancel | undefined;

  /** `onAnswer` is called when a peer has answered. */
  constructor(
    env: Env<QuorumMessages, 'server'>,
    parts: {
      readonly state: QuorumState;
      readonly peers: Peers;
      readonly onAnswer: (peer: NodeId) => void;
    },
  ) {
    this.#env = env;
    this.#state = parts.state;
    this.#peers = parts.peers;
    this.#onAnswer = parts.onAnswer;
  }

  get isOn(): boolean {
    return this.#cancel !== undefined;
  }

  /** One ping at a time is waited for, however often gossip is turned on. */
  turn(isOn: boolean): void {
    if (isOn === this.isOn) return;
    this.#cancel?.();
    this.#cancel = undefined;
    if (isOn) this.#wait();
  }

  #wait(): void {
    const ms = drawWithin(this.#state.settings.intervalMs, this.#env.random());
    this.#cancel = this.#env.after(ms, () => {
      inBackground(this.#env, () => this.#ping());
      this.#wait();
    });
  }

  async #ping(): Promise<void> {
    const peers = this.#state.pinged;
    const peer = peers[peers.length > 1 ? randomBelow(() => this.#env.random(), peers.length) : 0];
    if (peer === undefined) return;
    try {
      const { timeoutMs } = this.#state.settings;
      await this.#peers.call(peer, 'heartbeat', {}, timeoutMs);
      this.#onAnswer(peer);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      if (isSilence(error)) this.#state.liveness.missed(peer);
    }
  }
}

/** The time at that share, from 0 to 1, of the interval. */
export function drawWithin({ least, most }: Interval, share: number): number {
  return least + share * (most - least);
}

// Gossip: each server pings a random other member at intervals, so that it learns who is alive, and
// delivers hints, also while there are no requests.
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { randomOf } from '../../kernel/random.ts';
import { Repeating } from '../../replication/repeating.ts';
import type { QuorumMessages } from './messages.ts';
import { isSilence, type Peers } from './peers.ts';
import type { QuorumState } from './state.ts';

export class Gossip {
  readonly #env: Env<QuorumMessages, 'server'>;
  readonly #state: QuorumState;
  readonly #peers: Peers;
  readonly #onAnswer: (peer: NodeId) => void;
  readonly #pings: Repeating;

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
    this.#pings = new Repeating(env, parts.state.settings.intervalMs, () => this.#ping());
  }

  get isOn(): boolean {
    return this.#pings.isOn;
  }

  turn(isOn: boolean): void {
    this.#pings.turn(isOn);
  }

  async #ping(): Promise<void> {
    const peer = randomOf(() => this.#env.random(), this.#state.pinged);
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

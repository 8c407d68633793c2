// One thing that a server does to one neighbour of one chain in one epoch, as long as there is
// anything to do: one call at a time, and again after a while where it fails.
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { inBackground, pause } from './failures.ts';
import type { ChainMessages } from './messages.ts';
import type { ChainState, Place } from './state.ts';
import type { Suspicion } from './suspicion.ts';
import { RETRY_MS } from './timing.ts';

/** What the streams of a server share. */
export interface Surroundings {
  readonly env: Env<ChainMessages>;
  readonly state: ChainState;
  readonly suspicion: Suspicion;
  /** All behind this place hold everything up to there. */
  acknowledged(place: Place, upTo: number): void;
  /** A peer is in another epoch than we are. */
  outOfStep(): void;
}

export abstract class Stream {
  protected readonly around: Surroundings;
  protected readonly place: Place;
  protected readonly peer: NodeId;
  /** A stream ends with its epoch. */
  protected readonly epoch: number;
  #isRunning = false;

  constructor(around: Surroundings, place: Place, peer: NodeId) {
    this.around = around;
    this.place = place;
    this.peer = peer;
    this.epoch = around.state.epoch;
  }

  /** Whether there is anything to send now. */
  protected abstract hasWork(): boolean;

  /** Sends some of it, in one call or a few. A CallError is the peer's failure. */
  protected abstract work(): Promise<void>;

  /** Sends what there is to send, unless it is doing so. */
  wake(): void {
    if (this.#isRunning || !this.#isNeeded()) return;
    this.#isRunning = true;
    inBackground(this.around.env, () => this.#run());
  }

  #isNeeded(): boolean {
    return this.around.state.epoch === this.epoch && this.hasWork();
  }

  async #run(): Promise<void> {
    const { env, suspicion, outOfStep } = this.around;
    while (this.#isNeeded()) {
      try {
        await this.work();
        suspicion.answered(this.peer);
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        suspicion.failed(this.peer, error);
        if (error.code === 'ERR_STALE_EPOCH') outOfStep();
        await pause(env, RETRY_MS);
      }
    }
    this.#isRunning = false;
  }
}

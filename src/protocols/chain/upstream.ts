// What one server sends up one chain in one epoch: how far everybody behind it holds the writes.
// The answers to the predecessor's own calls say the same, so this is for what came later.
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Surroundings } from './downstream.ts';
import { inBackground, pause } from './failures.ts';
import type { Place } from './state.ts';
import { CALL_MS, RETRY_MS } from './timing.ts';

export class Upstream {
  readonly #around: Surroundings;
  readonly #place: Place;
  readonly #peer: NodeId;
  readonly #epoch: number;
  #told = 0;
  #isRunning = false;

  constructor(around: Surroundings, place: Place, peer: NodeId) {
    this.#around = around;
    this.#place = place;
    this.#peer = peer;
    this.#epoch = around.state.epoch;
  }

  /** An answer to the predecessor says it. If that is lost the predecessor asks again. */
  willTell(committed: number): void {
    this.#told = Math.max(this.#told, committed);
  }

  wake(): void {
    if (this.#isRunning || !this.#hasWork()) return;
    this.#isRunning = true;
    inBackground(this.#around.env, () => this.#run());
  }

  #hasWork(): boolean {
    const { log } = this.#place;
    const isCurrent = this.#around.state.epoch === this.#epoch;
    return isCurrent && log.isSynced && log.committed > this.#told;
  }

  async #run(): Promise<void> {
    const { env, suspicion, outOfStep } = this.#around;
    while (this.#hasWork()) {
      const upTo = this.#place.log.committed;
      try {
        const params = { epoch: this.#epoch, arc: this.#place.owner, upTo };
        await env.call(this.#peer, 'commit', params, CALL_MS);
        this.#told = Math.max(this.#told, upTo);
        suspicion.answered(this.#peer);
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        suspicion.failed(this.#peer, error);
        if (error.code === 'ERR_STALE_EPOCH') outOfStep();
        await pause(env, RETRY_MS);
      }
    }
    this.#isRunning = false;
  }
}

// What one server sends up one chain in one epoch: how far everybody behind it holds the writes.
// The answers to the predecessor's own calls say the same, so this is for what came later.
import { Stream } from './stream.ts';
import { CALL_MS } from './timing.ts';

export class Upstream extends Stream {
  #told = 0;

  /** An answer to the predecessor says it. If that is lost the predecessor asks again. */
  willTell(committed: number): void {
    this.#told = Math.max(this.#told, committed);
  }

  protected override hasWork(): boolean {
    const { log } = this.place;
    return log.isSynced && log.committed > this.#told;
  }

  protected override async work(): Promise<void> {
    const upTo = this.place.log.committed;
    const params = { epoch: this.epoch, arc: this.place.owner, upTo };
    await this.around.env.call(this.peer, 'commit', params, CALL_MS);
    this.#told = Math.max(this.#told, upTo);
  }
}

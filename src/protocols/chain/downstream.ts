// What one server sends down one chain in one epoch: first what its successor lacks, then every
// write, in order. Nothing is sent before it is durable here, and one call is under way at a time.
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import type { ChainMessages } from './messages.ts';
import { Stream } from './stream.ts';
import { CALL_MS } from './timing.ts';
import { firstPart, packCatchup, packEntry } from './wire.ts';

type Position = Pick<ResultOf<ChainMessages, 'append'>, 'last' | 'committed'>;

export class Downstream extends Stream {
  /** How far the successor's log is known to go; undefined until it is synced in this epoch. */
  #peerLast: number | undefined;
  /** What a catch-up can begin from. */
  #peerCommitted: number | undefined;
  #transfers = 0;
  /** A joiner has had a first catch-up, so that what it still lacks is little. */
  #isNearlyWhole = false;

  protected override hasWork(): boolean {
    const { log } = this.place;
    if (!log.isSynced || log.durable < log.committed) return false;
    if (this.#peerLast === undefined) return true;
    return log.hasPendingAfter(Math.max(this.#peerLast, log.committed));
  }

  protected override work(): Promise<void> {
    return this.#peerLast === undefined ? this.#sync() : this.#append(this.#peerLast);
  }

  /**
   * Makes the successor's log what ours is. A joiner that lacks much is first brought near without
   * being waited for, so that a large store holds nobody up; only then do acknowledgements wait for
   * it, and what came in between follows (H5).
   */
  async #sync(): Promise<void> {
    const { log } = this.place;
    const isKnown = this.#peerCommitted !== undefined || log.committed === 0;
    const catchup = log.catchupFrom(this.#peerCommitted ?? log.committed);
    const parts = packCatchup(catchup);
    const isLittle = isKnown && parts.length === 1;
    if (this.#isNearlyWhole || isLittle) this.place.isSuccessorCounted = true;
    const isCounted = this.place.isSuccessorCounted;
    const { base, upTo, end } = catchup;
    this.#transfers += 1;
    const transfer = this.#transfers;
    for (const part of parts) {
      const params = { transfer, isCounted, base, upTo, end, ...part };
      const answer = await this.#call('sync', params);
      if (answer === undefined) return;
      this.#peerCommitted = answer.committed;
      if (answer.status === 'behind') return;
      if (answer.status === 'synced' || (answer.status === 'whole' && isCounted)) {
        this.#learn(answer);
        return;
      }
      if (answer.status === 'whole') this.#isNearlyWhole = true;
    }
  }

  async #append(peerLast: number): Promise<void> {
    // A successor that counts has all that is committed here, though its answer may be lost.
    const base = Math.max(peerLast, this.place.log.committed);
    const entries = firstPart(this.place.log.pendingAfter(base)).map(packEntry);
    const answer = await this.#call('append', { base, entries });
    if (answer === undefined) return;
    if (answer.status === 'unsynced') this.#peerLast = undefined;
    else this.#learn(answer);
  }

  #learn({ last, committed }: Position): void {
    this.#peerLast = Math.max(this.#peerLast ?? 0, last);
    this.around.acknowledged(this.place, committed);
  }

  /** Undefined if the epoch is over by then: its answers are void (H6). */
  async #call<K extends 'sync' | 'append'>(
    method: K,
    params: Omit<ParamsOf<ChainMessages, K>, 'epoch' | 'arc'>,
  ): Promise<ResultOf<ChainMessages, K> | undefined> {
    const { env, state } = this.around;
    const whole = { epoch: this.epoch, arc: this.place.owner, ...params };
    const sent = whole as ParamsOf<ChainMessages, K>;
    const answer = await env.call(this.peer, method, sent, CALL_MS);
    return state.epoch === this.epoch ? answer : undefined;
  }
}

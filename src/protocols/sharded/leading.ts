// What a primary sends to the other servers of its group: one call at a time to each.
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import { inBackground, pause, unlessCallError } from '../../replication/background.ts';
import { CALL_MS, RETRY_MS } from '../../replication/timing.ts';
import type { Downstream, Step } from './downstream.ts';
import { STALE_EPOCH } from './errors.ts';
import type { Member } from './member.ts';
import type { ShardedMessages } from './messages.ts';
import type { Position } from './position.ts';
import type { ShardedState } from './state.ts';

export class Leading {
  readonly #env: Env<ShardedMessages, 'server'>;
  readonly #member: Member;
  readonly #state: ShardedState;
  readonly #sending = new Set<Downstream>();
  /** Those whose last call has failed. */
  readonly #failing = new Set<Downstream>();

  constructor(env: Env<ShardedMessages, 'server'>, member: Member) {
    this.#env = env;
    this.#member = member;
    this.#state = member.state;
  }

  /** Sends what is due to all. */
  send(position: Position): void {
    position.hurry();
    for (const down of position.downs) {
      if (position.count(down)) this.#report(position, down);
      this.#send(position, down);
    }
  }

  /** Whether nothing that a write has caused is under way at the servers that can be reached. */
  isQuiet({ log, downs }: Position): boolean {
    if (log.applied < log.last) return downs.some((down) => this.#failing.has(down));
    return downs.every((down) => down.next() === undefined || this.#failing.has(down));
  }

  /** Tells the shard master of a joiner that has all, until it knows. */
  #report({ epoch, log }: Position, { peer }: Downstream): void {
    const joiner: [number, number] = [peer.id, peer.incarnation];
    inBackground(this.#env, async () => {
      for (;;) {
        const { position } = this.#state;
        const isOver = position?.epoch !== epoch || position.log !== log;
        if (isOver || position.isServed(peer)) return;
        const params = { group: log.group, epoch, joiner };
        const told = await unlessCallError(this.#env.callService('synced', params, CALL_MS));
        if (told !== undefined) return;
        await pause(this.#env, RETRY_MS);
      }
    });
  }

  #send(position: Position, down: Downstream): void {
    if (this.#sending.has(down) || down.next() === undefined) return;
    this.#sending.add(down);
    inBackground(this.#env, async () => {
      for (;;) {
        const step = this.#isLive(position, down) ? down.next() : undefined;
        if (step === undefined) break;
        try {
          down.answered(step, await this.#perform(position, down, step));
          this.#failing.delete(down);
          this.#member.callAnswered(down.peer.id);
          this.#member.advance();
        } catch (error) {
          if (!(error instanceof CallError)) throw error;
          down.failed();
          this.#failing.add(down);
          this.#member.callFailed(down.peer.id, error);
          this.#member.settle();
          await pause(this.#env, RETRY_MS);
        }
      }
      this.#sending.delete(down);
      this.#failing.delete(down);
      this.#member.settle();
    });
  }

  #isLive(position: Position, down: Downstream): boolean {
    return this.#state.isCurrent(position) && position.downs.includes(down);
  }

  /** A server that lacks the configuration gets it here, so that no write waits for a retry. */
  async #perform(position: Position, { peer }: Downstream, step: Step) {
    const { configuration, number } = this.#state;
    const address = { group: position.log.group, epoch: position.epoch, number };
    try {
      return await this.#call(peer.id, step, address);
    } catch (error) {
      const isBehind = error instanceof CallError && error.code === STALE_EPOCH;
      if (!isBehind || configuration === undefined) throw error;
      await this.#env.call(peer.id, 'adopt', { configuration }, CALL_MS);
      return await this.#call(peer.id, step, address);
    }
  }

  #call(peer: number, step: Step, address: { group: number; epoch: number; number: number }) {
    const env = this.#env;
    if (step.method === 'extent') return env.call(peer, 'extent', address, CALL_MS);
    if (step.method === 'append') {
      return env.call(peer, 'append', { ...address, ...step.params }, CALL_MS);
    }
    return env.call(peer, 'install', { ...address, ...step.params }, CALL_MS);
  }
}

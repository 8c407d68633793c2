// A round of stabilize: moves end, and every primary passes on what its secondaries lack.
import type { Env } from '../../kernel/env.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { ResultOf } from '../../kernel/messages.ts';
import type { RoundOutcome } from '../../kernel/round.ts';
import { pause, unlessCallError } from '../../replication/background.ts';
import { CALL_MS, RETRY_MS } from '../../replication/timing.ts';
import type { Member } from './member.ts';
import type { ShardedMessages } from './messages.ts';
import type { Position } from './position.ts';

type Status = ResultOf<ShardedMessages, 'status'>;

/** Each part of a round gets this share of the time that is left, so that the next one has some. */
const PART_SHARE = 0.6;

export class Rounds {
  readonly #env: Env<ShardedMessages, 'server'>;
  readonly #member: Member;

  constructor(env: Env<ShardedMessages, 'server'>, member: Member) {
    this.#env = env;
    this.#member = member;
  }

  /**
   * All servers are asked again if the configuration has changed meanwhile: a busy server may have
   * been taken for dead, and be on its way back into its group.
   */
  async stabilize({
    known,
    budgetMs,
  }: {
    known: readonly NodeId[];
    budgetMs: number;
  }): Promise<RoundOutcome> {
    const env = this.#env;
    const { id: self } = env.self;
    const until = env.now() + budgetMs;
    const shareMs = (): number => Math.floor(Math.max(0, until - env.now()) * PART_SHARE);
    for (;;) {
      const before = await this.#whenWhole(env.now() + shareMs());
      const isWhole = await this.#flushAll(known, { budgetMs: shareMs(), until });
      const reached = known.filter((id, index) =>
        id === self ? isWhole[index] && before !== undefined : isWhole[index],
      );
      const after = await this.#status();
      const isSteady = after === undefined || after.number === before?.number;
      if (isSteady || env.now() + CALL_MS > until) {
        return { reached, missing: reached.includes(self) ? [] : [self] };
      }
    }
  }

  #flushAll(
    known: readonly NodeId[],
    { budgetMs, until }: { readonly budgetMs: number; readonly until: number },
  ): Promise<boolean[]> {
    const env = this.#env;
    return Promise.all(
      known.map(async (id) => {
        if (id === env.self.id) return (await this.flush(budgetMs)).isWhole;
        const timeoutMs = Math.max(CALL_MS, until - env.now());
        const answer = await unlessCallError(env.call(id, 'flush', { budgetMs }, timeoutMs));
        return answer?.isWhole === true;
      }),
    );
  }

  /** Whether this server has all of its place by then, and as a primary its secondaries. */
  async flush(budgetMs: number): Promise<{ isWhole: boolean }> {
    const { state } = this.#member;
    const until = this.#env.now() + budgetMs;
    for (;;) {
      const { position, log } = state;
      // Without a log it has no place, so that it lacks nothing.
      if (log === undefined || position?.isPrimary === false) return { isWhole: true };
      // In whole milliseconds: a clock of doubles does not pass by a rest that is too small.
      const leftMs = Math.floor(until - this.#env.now());
      if (leftMs <= 0 || state.isResting) return { isWhole: false };
      if (position !== undefined && (await this.#isWhole(position, leftMs)))
        return { isWhole: true };
      await this.#member.whenChanged(Math.min(RETRY_MS, leftMs));
    }
  }

  /** False when the time or the epoch is over before. */
  #isWhole(position: Position, budgetMs: number): Promise<boolean> {
    const late = pause(this.#env, budgetMs).then(() => false);
    const whole = this.#member.whenWhole(position).then(
      () => true,
      () => false,
    );
    return Promise.race([whole, late]);
  }

  /** What the shard master says when it has found every group whole, or last by then. */
  async #whenWhole(until: number): Promise<Status | undefined> {
    for (;;) {
      const status = await this.#status();
      if (status?.isWhole === true || this.#env.now() >= until) return status;
      await pause(this.#env, RETRY_MS);
    }
  }

  #status(): Promise<Status | undefined> {
    return unlessCallError(this.#env.callService('status', {}, CALL_MS));
  }
}

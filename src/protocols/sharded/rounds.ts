// A round of stabilize: moves end, and every primary passes on what its secondaries lack.
import type { Env } from '../../kernel/env.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { RoundOutcome } from '../../kernel/protocol.ts';
import { pause, unlessCallError } from '../../replication/background.ts';
import { CALL_MS, RETRY_MS } from '../../replication/timing.ts';
import type { Member } from './member.ts';
import type { ShardedMessages } from './messages.ts';

/** The share of a round's time in which the shard master has to find every group whole. */
const WHOLE_SHARE = 0.6;

export class Rounds {
  readonly #env: Env<ShardedMessages, 'server'>;
  readonly #member: Member;

  constructor(env: Env<ShardedMessages, 'server'>, member: Member) {
    this.#env = env;
    this.#member = member;
  }

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
    const isReachable = await this.#whenWhole(env.now() + WHOLE_SHARE * budgetMs);
    const leftMs = Math.max(0, Math.floor((until - env.now()) * WHOLE_SHARE));
    const answers = await Promise.all(
      known.map(async (id) => {
        if (id === self) return isReachable && (await this.flush(leftMs)).isWhole;
        const asked = env.call(
          id,
          'flush',
          { budgetMs: leftMs },
          Math.max(CALL_MS, until - env.now()),
        );
        return (await unlessCallError(asked))?.isWhole === true;
      }),
    );
    const reached = known.filter((_, index) => answers[index] === true);
    return { reached, missing: reached.includes(self) ? [] : [self] };
  }

  /** Whether this server has all of its place by then, and as a primary its secondaries. */
  async flush(budgetMs: number): Promise<{ isWhole: boolean }> {
    const { position, log } = this.#member.state;
    // Without a log it has no place, so that it lacks nothing.
    if (position?.isPrimary !== true)
      return { isWhole: log === undefined || position !== undefined };
    const late = pause(this.#env, budgetMs).then(() => false);
    const whole = this.#member.whenWhole(position).then(
      () => true,
      () => false,
    );
    return { isWhole: await Promise.race([whole, late]) };
  }

  /** Whether the shard master could be asked by then, and has found every group whole. */
  async #whenWhole(until: number): Promise<boolean> {
    const env = this.#env;
    for (;;) {
      const status = await unlessCallError(env.callService('status', {}, CALL_MS));
      if (status?.isWhole === true) return true;
      if (env.now() >= until) return status !== undefined;
      await pause(env, RETRY_MS);
    }
  }
}

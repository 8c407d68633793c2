// Opens shards that no group owns, as the primary of the group that gets them: they begin anew
// there. A move that was undone may have left data of them in the group.
import type { Env } from '../../kernel/env.ts';
import { inBackground, pause, unlessCallError } from '../../replication/background.ts';
import { CALL_MS, RETRY_MS } from '../../replication/timing.ts';
import type { Member } from './member.ts';
import type { ShardedMessages } from './messages.ts';
import { openingOf } from './moving.ts';
import type { Position } from './position.ts';
import type { ShardedState } from './state.ts';

interface Task {
  readonly move: number;
  readonly position: Position;
}

export class Opener {
  readonly #env: Env<ShardedMessages, 'server'>;
  readonly #member: Member;
  readonly #state: ShardedState;
  #task: Task | undefined;

  constructor(env: Env<ShardedMessages, 'server'>, member: Member) {
    this.#env = env;
    this.#member = member;
    this.#state = member.state;
  }

  /** Opens what the move of the current configuration asks for, unless that is under way. */
  open(): void {
    const { position } = this.#state;
    const move = openingOf(this.#state);
    if (move === undefined || position === undefined) return;
    if (this.#task?.move === move && this.#task.position === position) return;
    const task = { move, position };
    this.#task = task;
    inBackground(this.#env, async () => {
      await unlessCallError(this.#member.whenWhole(position));
      const isTold = await this.#report(task);
      // Shards that come from another group in the same move were on their way.
      if (!isTold && this.#task === task) this.#task = undefined;
    });
  }

  /** Tells the shard master, until it knows. False if there is nothing to tell any more. */
  async #report({ move, position }: Task): Promise<boolean> {
    const params = { move, group: position.log.group, epoch: position.epoch };
    while (this.#state.isCurrent(position) && openingOf(this.#state) === move) {
      const told = await unlessCallError(this.#env.callService('opened', params, CALL_MS));
      if (told !== undefined) return true;
      await pause(this.#env, RETRY_MS);
    }
    return false;
  }
}

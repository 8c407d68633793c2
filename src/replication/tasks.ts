// What is under way at a server without a caller that waits for it, so that it can be waited for.
import type { Env } from '../kernel/env.ts';
import { inBackground } from './background.ts';

export class Tasks {
  readonly #env: Pick<Env, 'after'>;
  readonly #underWay = new Set<Promise<void>>();

  constructor(env: Pick<Env, 'after'>) {
    this.#env = env;
  }

  /** Starts a task, which handles its own CallErrors. An error of it ends the node's life. */
  run(task: () => Promise<void>): void {
    inBackground(this.#env, () => {
      const running = task().finally(() => this.#underWay.delete(running));
      this.#underWay.add(running);
      return running;
    });
  }

  /** Resolves when all tasks that were started before the call have ended. */
  async quiesced(): Promise<void> {
    await Promise.all(this.#underWay);
  }
}

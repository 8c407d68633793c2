// Sends each configuration of the configuration service to all live servers until they have it.

import type { NodeId } from '../kernel/ids.ts';
import type { ServiceEnv } from '../kernel/service.ts';
import { inBackground, pause, unlessCallError } from './background.ts';

export interface Announced<C> {
  /** False when that configuration is not the current one, or the server is dead. */
  isDue(server: NodeId, configuration: C): boolean;
  configure(server: NodeId, configuration: C): Promise<unknown>;
  /** So many calls of one server have failed. */
  failed?(server: NodeId, failures: number): void;
  /** The pause before that server is told again. */
  pauseMs(server: NodeId): number;
}

export class Announcer<C> {
  readonly #env: Pick<ServiceEnv, 'after'>;
  readonly #announced: Announced<C>;

  constructor(env: Pick<ServiceEnv, 'after'>, announced: Announced<C>) {
    this.#env = env;
    this.#announced = announced;
  }

  announce(servers: readonly NodeId[], configuration: C): void {
    for (const id of servers) inBackground(this.#env, () => this.#tell(id, configuration));
  }

  async #tell(id: NodeId, configuration: C): Promise<void> {
    for (let failures = 1; this.#announced.isDue(id, configuration); failures += 1) {
      const asked = this.#announced.configure(id, configuration).then(() => true);
      if ((await unlessCallError(asked)) === true) return;
      this.#announced.failed?.(id, failures);
      await pause(this.#env, this.#announced.pauseMs(id));
    }
  }
}

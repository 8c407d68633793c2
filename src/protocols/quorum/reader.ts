// Coordinates reads: asks the servers that have the key, and repairs those that were found stale.
// The pending read decides; this shell waits.
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import { unlessCallError } from '../../replication/background.ts';
import type { Tasks } from '../../replication/tasks.ts';
import { unavailable } from './errors.ts';
import type { QuorumMessages } from './messages.ts';
import { isSilence } from './peers.ts';
import type { PendingRead } from './pendingRead.ts';
import type { Replicas } from './replicas.ts';
import { untilMet } from './running.ts';
import type { QuorumState } from './state.ts';
import { contextOf, packWrite } from './write.ts';

export class Reader {
  readonly #env: Env<QuorumMessages, 'server'>;
  readonly #state: QuorumState;
  readonly #replicas: Replicas;
  readonly #tasks: Tasks;

  constructor(
    env: Env<QuorumMessages, 'server'>,
    parts: { readonly state: QuorumState; readonly replicas: Replicas; readonly tasks: Tasks },
  ) {
    this.#env = env;
    this.#state = parts.state;
    this.#replicas = parts.replicas;
    this.#tasks = parts.tasks;
  }

  /** The server must have heard the clock of the session. */
  async get({
    key,
    level,
  }: ParamsOf<QuorumMessages, 'get'>): Promise<ResultOf<QuorumMessages, 'get'>> {
    const pending = this.#state.beginRead(key, level);
    await untilMet(
      { env: this.#env, tasks: this.#tasks },
      pending,
      this.#state.settings.timeoutMs,
      async (changed) => {
        await Promise.all(
          pending.called.map((server) => this.#readAt(server, key, pending, changed)),
        );
        await this.#repair(key, pending);
      },
    );
    const { decision } = pending;
    if (decision.kind !== 'answered') {
      const isCertain = decision.kind === 'failed' && decision.isCertain;
      if (isCertain) throw unavailable(pending.needed, 0);
      throw new CallError('ERR_UNREACHABLE', 'too few servers answered');
    }
    return {
      coordinator: this.#state.self.id,
      writes: decision.writes.map(packWrite),
      context: this.#state.hasSiblings ? contextOf(decision.writes).toTuples() : null,
      clock: this.#state.clock.time,
    };
  }

  /** A server that fails is replaced, if there is another one. */
  async #readAt(
    server: NodeId,
    key: string,
    pending: PendingRead,
    changed: () => void,
  ): Promise<void> {
    let next: NodeId | undefined;
    try {
      pending.answered(server, await this.#replicas.read(server, key));
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      next = pending.failed(server, !isSilence(error));
    }
    changed();
    if (next !== undefined) await this.#readAt(next, key, pending, changed);
  }

  /** Brings the newest writes that a read has found to the replicas that lack them. */
  async #repair(key: string, pending: PendingRead): Promise<void> {
    const { settings } = this.#state;
    if (!settings.hasReadRepair) return;
    const replicas = this.#state.ringOrRefuse().replicasOf(key);
    const repairs = pending.repairs
      .filter(({ replica }) => replicas.includes(replica))
      .map(({ replica, write }) =>
        unlessCallError(this.#replicas.write({ server: replica, owner: replica }, write)),
      );
    await Promise.all(repairs);
  }
}

// Coordinates writes: sends them to the servers that are to have them, and keeps hints. The pending
// write decides; this shell waits.
import { CausalContext } from '../../clocks/causalContext.ts';
import { toVersionTuple } from '../../clocks/version.ts';
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import { ignoreCallError } from '../../replication/background.ts';
import type { Tasks } from '../../replication/tasks.ts';
import { unavailable } from './errors.ts';
import type { Accepted, Acknowledged, Hinted } from './facts.ts';
import type { HandOff } from './handOff.ts';
import type { Journal } from './journal.ts';
import type { QuorumMessages } from './messages.ts';
import type { PendingWrite, Target } from './pendingWrite.ts';
import type { Replicas } from './replicas.ts';
import { untilMet } from './running.ts';
import type { QuorumState } from './state.ts';
import { packWrite, type Write } from './write.ts';

export class Writer {
  readonly #env: Env<QuorumMessages, 'server'>;
  readonly #journal: Journal;
  readonly #state: QuorumState;
  readonly #replicas: Replicas;
  readonly #handOff: HandOff;
  readonly #tasks: Tasks;

  constructor(
    env: Env<QuorumMessages, 'server'>,
    parts: {
      readonly journal: Journal;
      readonly replicas: Replicas;
      readonly handOff: HandOff;
      readonly tasks: Tasks;
    },
  ) {
    this.#env = env;
    this.#journal = parts.journal;
    this.#state = parts.journal.state;
    this.#replicas = parts.replicas;
    this.#handOff = parts.handOff;
    this.#tasks = parts.tasks;
  }

  /** The server must have heard the clock of the session. */
  async put(params: ParamsOf<QuorumMessages, 'put'>): Promise<ResultOf<QuorumMessages, 'put'>> {
    const { session, seq, key, value, level } = params;
    const known = CausalContext.fromTuples(params.context ?? []);
    const pending = this.#state.beginWrite({ key, value, known }, level);
    const { write } = pending;
    this.#env.observe?.({ kind: 'accepted', write, session, seq } satisfies Accepted);
    await this.#send(pending);
    const { decision, confirmations, needed, lists } = pending;
    if (decision !== 'met') throw new CallError('ERR_UNREACHABLE', 'too few servers confirmed');
    const acked: Acknowledged = { kind: 'acknowledged', write, needed, confirmations, lists };
    this.#env.observe?.(acked);
    return {
      coordinator: this.#state.self.id,
      version: toVersionTuple(write.version),
      context: write.context?.toTuples() ?? null,
      clock: this.#state.clock.time,
    };
  }

  /** Throws ERR_UNAVAILABLE if no server can have received the write. */
  async #send(pending: PendingWrite): Promise<void> {
    const { self, settings } = this.#state;
    let own = Promise.resolve();
    await untilMet(
      { env: this.#env, tasks: this.#tasks },
      pending,
      settings.timeoutMs,
      async (changed) => {
        const calls = pending.called.map((target) => {
          const written = this.#writeAt(target, pending, changed);
          if (target.server === self.id) own = written;
          return written;
        });
        await Promise.all(calls);
      },
    );
    if (pending.decision === 'undone') throw unavailable(pending.needed, 0);
    if (!settings.hasHints) return;
    // The own copy is on the way to the same disk as the hints, so it costs no time.
    await own;
    await this.#keepHints(pending);
  }

  /** A server that fails is replaced, if another one can stand in. */
  async #writeAt(target: Target, pending: PendingWrite, changed: () => void): Promise<void> {
    const next = await this.#tryAt(target, pending);
    changed();
    await Promise.all(next.map((other) => this.#writeAt(other, pending, changed)));
  }

  /** Gives the servers that are to be called next. */
  async #tryAt(target: Target, pending: PendingWrite): Promise<readonly Target[]> {
    const { server, owner } = target;
    const { write } = pending;
    const { ring } = this.#state;
    const failed = (isUnsent: boolean): Target[] => {
      const next = pending.failed(target, isUnsent);
      return next === undefined ? [] : [next];
    };
    try {
      if (!(await this.#replicas.write(target, write))) return failed(false);
      pending.confirmed(target);
      await this.#release(owner, write, server);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      const isUnsent = error.code === 'ERR_NOT_CONNECTED' || server === this.#state.self.id;
      if (pending.hasConfirmed(server)) return [];
      // The server refuses the ring of this number, and this server has a later one by now.
      const isMoved = error.code === 'ERR_STALE_RING' && this.#state.ring !== ring;
      return isMoved ? this.#state.moveWrite(pending, target) : failed(isUnsent);
    }
    return [];
  }

  /** The owner has the write, or another server keeps it for the owner: this one need not. */
  async #release(owner: NodeId, write: Write, keeper: NodeId): Promise<void> {
    const isOwnHint = keeper === this.#state.self.id && keeper !== owner;
    if (!isOwnHint) await this.#handOff.confirm(owner, [write], keeper);
  }

  /** Before a write is acknowledged, its coordinator keeps it for those that have not confirmed. */
  async #keepHints(pending: PendingWrite): Promise<void> {
    const owners = pending.unconfirmed;
    if (owners.length === 0) return;
    const { write } = pending;
    try {
      await this.#journal.commit({ kind: 'hints', owners, writes: [packWrite(write)] });
      this.#env.observe?.({ kind: 'hinted', write, owners } satisfies Hinted);
      // Some may have confirmed while the hints were on their way to the disk.
      for (const owner of owners) {
        const keeper = pending.keeperFor(owner);
        if (keeper !== undefined) await this.#release(owner, write, keeper);
      }
    } catch (error) {
      ignoreCallError(error);
      throw new CallError('ERR_UNREACHABLE', 'no room for hints');
    }
  }
}

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
import type { Accepted, Acknowledged, Hinted, Paid } from './facts.ts';
import type { HandOff } from './handOff.ts';
import type { Journal } from './journal.ts';
import type { QuorumMessages } from './messages.ts';
import type { PendingWrite, Target } from './pendingWrite.ts';
import type { Replicas } from './replicas.ts';
import { untilMet } from './running.ts';
import type { QuorumState } from './state.ts';
import { packVersion, packWrite, type Write } from './write.ts';

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

  /** Throws ERR_UNAVAILABLE or E_STORAGE if no server has the write, or will have it. */
  async #send(pending: PendingWrite): Promise<void> {
    const { self, settings } = this.#state;
    const owners = settings.hasHints ? pending.replicas.filter((id) => id !== self.id) : [];
    const made = this.#make(pending, owners);
    let isUndone = false;
    await untilMet(
      { env: this.#env, tasks: this.#tasks },
      pending,
      settings.timeoutMs,
      async (changed) => {
        const calls = pending.called.map((target) => {
          const own = target.server === self.id ? made : undefined;
          return this.#writeAt(target, pending, changed, own);
        });
        await Promise.all([made, ...calls]);
        isUndone = await this.#settle(pending, owners, made);
      },
    );
    const isMade = await made;
    if (isUndone) throw isMade ? unavailable(pending.needed, 0) : new CallError('E_STORAGE');
    if (!settings.hasHints) return;
    const { write, unconfirmed } = pending;
    if (unconfirmed.length === 0) return;
    if (!isMade) throw new CallError('ERR_UNREACHABLE', 'no room for hints');
    // The own copy is on the disk by now, also if it has not been counted yet.
    const owed = unconfirmed.filter((id) => id !== self.id);
    if (owed.length === 0) return;
    await this.#keepFor(
      owed.filter((id) => !owners.includes(id)),
      write,
    );
    this.#env.observe?.({ kind: 'hinted', write, owners: owed } satisfies Hinted);
  }

  /**
   * Makes the write durable here, with what this server owes. One record for both, so that one sync
   * is enough before the acknowledgement. False if the disk refuses it.
   */
  async #make({ write }: PendingWrite, owners: readonly NodeId[]): Promise<boolean> {
    const isReplica = this.#state.isReplica(write.key);
    if (!isReplica && owners.length === 0) return true;
    try {
      await this.#journal.commit({ kind: 'made', write: packWrite(write), owners: [...owners] });
      if (isReplica) this.#journal.observeKept([write]);
      return true;
    } catch (error) {
      return ignoreCallError(error) ?? false;
    }
  }

  /**
   * All calls have ended: what is still owed becomes hints. Whether the write is undone, so that
   * nothing is owed: what was made durable here is withdrawn durably.
   */
  async #settle(
    pending: PendingWrite,
    owners: readonly NodeId[],
    made: Promise<boolean>,
  ): Promise<boolean> {
    const { write } = pending;
    const versions = [packVersion(write)];
    if (pending.decision === 'undone') {
      if (owners.length === 0 || !(await made)) return true;
      const withdrawn = this.#journal.commit({ kind: 'settled', versions, owners: [...owners] });
      return withdrawn.then(
        () => true,
        (error) => ignoreCallError(error) ?? false,
      );
    }
    const isPaid = (owner: NodeId): boolean => {
      const keeper = pending.keeperFor(owner);
      return keeper !== undefined && (keeper === owner || keeper !== this.#state.self.id);
    };
    const paid = owners.filter(isPaid);
    if (owners.length > 0) this.#journal.later({ kind: 'settled', versions, owners: paid });
    for (const owner of paid) {
      const keeper = pending.keeperFor(owner) ?? owner;
      this.#env.observe?.({ kind: 'paid', owner, keeper, writes: [write] } satisfies Paid);
    }
    return false;
  }

  /** A server that fails is replaced, if another one can stand in. `own`: the copy here. */
  async #writeAt(
    target: Target,
    pending: PendingWrite,
    changed: () => void,
    own?: Promise<boolean>,
  ): Promise<void> {
    const next = await this.#tryAt(target, pending, own);
    changed();
    await Promise.all(next.map((other) => this.#writeAt(other, pending, changed)));
  }

  /** Gives the servers that are to be called next. */
  async #tryAt(
    target: Target,
    pending: PendingWrite,
    own?: Promise<boolean>,
  ): Promise<readonly Target[]> {
    const { server, owner } = target;
    const { write } = pending;
    const { ring } = this.#state;
    const failed = (isUnsent: boolean): Target[] => {
      const next = pending.failed(target, isUnsent);
      return next === undefined ? [] : [next];
    };
    try {
      const isThere =
        own === undefined ? this.#replicas.write(target, write) : this.#keep(target, write, own);
      if (!(await isThere)) return failed(own !== undefined);
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

  /** Whether the copy here counts, of a replica or of a stand-in. */
  async #keep({ server, owner }: Target, write: Write, made: Promise<boolean>): Promise<boolean> {
    if (!(await made)) return false;
    if (server === owner) return this.#state.store.has(write);
    this.#journal.standIn(owner, write);
    return true;
  }

  /** The owner has the write, or another server keeps it for the owner: older hints are paid. */
  async #release(owner: NodeId, write: Write, keeper: NodeId): Promise<void> {
    const isOwnHint = keeper === this.#state.self.id && keeper !== owner;
    if (!isOwnHint) await this.#handOff.confirm(owner, [write], keeper);
  }

  async #keepFor(owners: NodeId[], write: Write): Promise<void> {
    if (owners.length === 0) return;
    try {
      await this.#journal.commit({ kind: 'hints', owners, writes: [packWrite(write)] });
    } catch (error) {
      ignoreCallError(error);
      throw new CallError('ERR_UNREACHABLE', 'no room for hints');
    }
  }
}

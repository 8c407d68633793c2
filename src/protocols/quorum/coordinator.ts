// Coordinates requests: sends a write to the replicas of its key, asks them for a read, passes a
// request on. The pending request decides; this shell waits for the replicas.
import { CausalContext } from '../../clocks/causalContext.ts';
import { toVersionTuple } from '../../clocks/version.ts';
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import { ignoreCallError, unlessCallError } from '../../replication/background.ts';
import { LatestAttempts } from '../../replication/latestAttempt.ts';
import type { Tasks } from '../../replication/tasks.ts';
import type { Bootstrap } from './bootstrap.ts';
import { unavailable } from './errors.ts';
import type { Accepted, Acknowledged, Hinted } from './facts.ts';
import type { HandOff } from './handOff.ts';
import type { Journal } from './journal.ts';
import type { Level } from './levels.ts';
import type { QuorumMessages } from './messages.ts';
import { HOP_MS } from './options.ts';
import { isSilence, type Peers } from './peers.ts';
import type { PendingRead } from './pendingRead.ts';
import type { PendingWrite } from './pendingWrite.ts';
import type { QuorumState } from './state.ts';
import { contextOf, packWrite, unpackWrite, type Write } from './write.ts';

type Params<K extends keyof QuorumMessages> = ParamsOf<QuorumMessages, K>;
type Result<K extends keyof QuorumMessages> = ResultOf<QuorumMessages, K>;

export class Coordinator {
  readonly #env: Env<QuorumMessages, 'server'>;
  readonly #journal: Journal;
  readonly #state: QuorumState;
  readonly #peers: Peers;
  readonly #handOff: HandOff;
  readonly #tasks: Tasks;
  readonly #bootstrap: Bootstrap;
  readonly #attempts = new LatestAttempts<Promise<Result<'put'>>>();

  constructor(
    env: Env<QuorumMessages, 'server'>,
    parts: {
      readonly journal: Journal;
      readonly peers: Peers;
      readonly handOff: HandOff;
      readonly tasks: Tasks;
      readonly bootstrap: Bootstrap;
    },
  ) {
    this.#env = env;
    this.#journal = parts.journal;
    this.#state = parts.journal.state;
    this.#peers = parts.peers;
    this.#handOff = parts.handOff;
    this.#tasks = parts.tasks;
    this.#bootstrap = parts.bootstrap;
  }

  /** A client's put. Its copies get the same answer. */
  put(params: Params<'put'>): Promise<Result<'put'>> {
    return this.#once(params, async () => {
      await this.#bootstrap.needRing();
      const route = this.#state.route(params.key);
      if (route === 'here') return this.#put(params);
      this.#state.clock.witness(params.clock);
      return this.#passOn(route, 'passPut', params, ({ code }) => code === 'ERR_NOT_CONNECTED');
    });
  }

  /** A put that a peer has passed on. */
  passedPut(from: NodeId, params: Params<'passPut'>): Promise<Result<'passPut'>> {
    this.#heard(from, params.clock);
    return this.#once(params, () => this.#put(params));
  }

  async get(params: Params<'get'>): Promise<Result<'get'>> {
    await this.#bootstrap.needRing();
    const route = this.#state.route(params.key);
    if (route === 'here') return this.#get(params);
    this.#state.clock.witness(params.clock);
    return this.#passOn(route, 'passGet', params, isSilence);
  }

  /** A get that a peer has passed on. */
  passedGet(from: NodeId, params: Params<'passGet'>): Promise<Result<'passGet'>> {
    this.#heard(from, params.clock);
    return this.#get(params);
  }

  #once(
    { session, seq }: Params<'put'>,
    make: () => Promise<Result<'put'>>,
  ): Promise<Result<'put'>> {
    const [id, incarnation] = session;
    return this.#attempts.once({ session: { id, incarnation }, seq, attempt: 0 }, make);
  }

  /** One hop: to the first of these servers that can be reached. */
  async #passOn<K extends 'passPut' | 'passGet'>(
    servers: readonly NodeId[],
    method: K,
    params: Params<K>,
    mayGoOn: (error: CallError) => boolean,
  ): Promise<Result<K>> {
    const { timeoutMs } = this.#state.settings;
    const until = this.#env.now() + timeoutMs;
    for (const server of servers) {
      try {
        return await this.#peers.call<K>(server, method, params, timeoutMs + HOP_MS);
      } catch (error) {
        if (!(error instanceof CallError) || !mayGoOn(error)) throw error;
        if (this.#env.now() >= until) throw error;
      }
    }
    throw unavailable(1, 0);
  }

  /** A peer has passed a request on: it is alive, and gets what is kept for it. */
  #heard(from: NodeId, clock: number): void {
    this.#peers.heard(from, clock);
    this.#tasks.run(() => this.#handOff.deliver(from));
  }

  async #put(params: Params<'put'>): Promise<Result<'put'>> {
    await this.#bootstrap.needRing();
    const { session, seq, key, value, level, clock } = params;
    this.#state.clock.witness(clock);
    const known = CausalContext.fromTuples(params.context ?? []);
    this.#state.checkContext(known);
    await this.#askDoubtful(key, level ?? this.#state.settings.write);
    const pending = this.#state.beginWrite({ key, value, known }, level);
    const { write } = pending;
    this.#env.observe?.({ kind: 'accepted', write, session, seq } satisfies Accepted);
    let own = Promise.resolve();
    await this.#decided(pending, (replica) => {
      const written = this.#writeAt(replica, pending);
      if (replica === this.#state.self.id) own = written;
      return written;
    });
    const { decision } = pending;
    if (decision === 'undone') throw unavailable(pending.needed, 0);
    if (this.#state.settings.hasHints) {
      // The own copy is on the way to the same disk as the hints, so it costs no time.
      await own;
      await this.#keepHints(pending);
    }
    if (decision !== 'met') throw new CallError('ERR_UNREACHABLE', 'too few replicas confirmed');
    const { confirmations, needed } = pending;
    const acked: Acknowledged = { kind: 'acknowledged', write, needed, confirmations };
    this.#env.observe?.(acked);
    const version = toVersionTuple(write.version);
    const context = write.context?.toTuples() ?? null;
    return { coordinator: this.#state.self.id, version, context, ...this.#stamp() };
  }

  async #get({ key, level, clock }: Params<'get'>): Promise<Result<'get'>> {
    await this.#bootstrap.needRing();
    this.#state.clock.witness(clock);
    await this.#askDoubtful(key, level ?? this.#state.settings.read);
    const pending = this.#state.beginRead(key, level);
    await this.#decided(
      pending,
      (replica) => this.#readAt(replica, key, pending),
      () => this.#repair(pending),
    );
    const { decision } = pending;
    if (decision.kind !== 'answered') {
      const isCertain = decision.kind === 'failed' && decision.isCertain;
      if (isCertain) throw unavailable(pending.needed, 0);
      throw new CallError('ERR_UNREACHABLE', 'too few replicas answered');
    }
    const writes = decision.writes.map(packWrite);
    const context = this.#state.hasSiblings ? contextOf(decision.writes).toTuples() : null;
    return { coordinator: this.#state.self.id, writes, context, ...this.#stamp() };
  }

  /** Suspected replicas may be back: before a request is refused, they are asked once more. */
  async #askDoubtful(key: string, level: Level): Promise<void> {
    const doubtful = this.#state.doubtful(key, level);
    await Promise.all(doubtful.map((id) => this.#handOff.announce(id, HOP_MS)));
  }

  /**
   * Calls the replicas of a request, and resolves when its level is met. The calls go on, and then
   * what follows them; a later line of the script waits for that at the coordinator. A client whose
   * request failed does not learn who that is, so a failure comes after all of it. In any case
   * resolves when the time of the request is over.
   */
  #decided(
    pending: PendingWrite | PendingRead,
    call: (replica: NodeId) => Promise<void>,
    after: () => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#env.after(this.#state.settings.timeoutMs, () => {
        pending.expire();
        resolve();
      });
      const end = (): void => {
        cancel();
        resolve();
      };
      const changed = (): void => {
        if (pending.isMet) end();
      };
      this.#tasks.run(async () => {
        await Promise.all(pending.called.map((replica) => call(replica).then(changed)));
        await after();
        end();
      });
    });
  }

  async #writeAt(replica: NodeId, pending: PendingWrite): Promise<void> {
    const { write } = pending;
    try {
      const isKept =
        replica === this.#state.self.id
          ? await this.#journal.keep(write)
          : await this.#send(replica, write);
      if (!isKept) {
        pending.failed(replica, false);
        return;
      }
      pending.confirmed(replica);
      await this.#handOff.confirm(replica, [write]);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      const isUnsent = error.code === 'ERR_NOT_CONNECTED' || replica === this.#state.self.id;
      if (!pending.hasConfirmed(replica)) pending.failed(replica, isUnsent);
    }
  }

  /** Whether the replica has the write now, or a later one. */
  async #send(replica: NodeId, write: Write): Promise<boolean> {
    const { ring, settings } = this.#state;
    const params = { ring: ring?.number ?? 0, write: packWrite(write) };
    const answer = await this.#peers.call(replica, 'replicate', params, settings.timeoutMs);
    this.#answered(replica, answer);
    return answer.isKept;
  }

  /** A replica has answered: what it keeps for this server can be delivered now. */
  #answered(replica: NodeId, { isOwed }: { readonly isOwed: boolean }): void {
    if (isOwed) this.#tasks.run(() => this.#handOff.announce(replica));
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
        if (pending.hasConfirmed(owner)) await this.#handOff.confirm(owner, [write]);
      }
    } catch (error) {
      ignoreCallError(error);
      throw new CallError('ERR_UNREACHABLE', 'no room for hints');
    }
  }

  async #readAt(replica: NodeId, key: string, pending: PendingRead): Promise<void> {
    try {
      pending.answered(replica, await this.#readOne(replica, key));
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      pending.failed(replica, !isSilence(error));
    }
  }

  async #readOne(replica: NodeId, key: string): Promise<readonly Write[]> {
    if (replica === this.#state.self.id) return this.#state.read(key);
    const { ring, settings } = this.#state;
    const params = { ring: ring?.number ?? 0, key };
    const answer = await this.#peers.call(replica, 'read', params, settings.timeoutMs);
    this.#answered(replica, answer);
    return answer.writes.map(unpackWrite);
  }

  /** Brings the newest writes that a read has found to the replicas that lack them. */
  async #repair(pending: PendingRead): Promise<void> {
    if (!this.#state.settings.hasReadRepair) return;
    const repairs = pending.repairs.map(({ replica, write }) =>
      unlessCallError(
        replica === this.#state.self.id ? this.#journal.keep(write) : this.#send(replica, write),
      ),
    );
    await Promise.all(repairs);
  }

  #stamp(): { clock: number } {
    return { clock: this.#state.clock.time };
  }
}

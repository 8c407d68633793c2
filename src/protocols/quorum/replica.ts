// The replica of the quorum protocol: the asynchronous shell around its state. It waits for the
// network, the disk and the configuration service, and passes their results to the pure parts.
import { toVersionTuple } from '../../clocks/version.ts';
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { RecoveredWrite } from '../../kernel/history.ts';
import type { NodeId, Role } from '../../kernel/ids.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import type { Json } from '../../kernel/json.ts';
import { checkParams, type ParamsOf, type ResultOf } from '../../kernel/messages.ts';
import type { Options, Replica, RoundOutcome } from '../../kernel/protocol.ts';
import type { StoreEntry } from '../../kernel/snapshot.ts';
import {
  ignoreCallError,
  inBackground,
  pause,
  unlessCallError,
} from '../../replication/background.ts';
import { LatestAttempts } from '../../replication/latestAttempt.ts';
import { Tasks } from '../../replication/tasks.ts';
import { HELLO_MS } from '../../replication/timing.ts';
import { noRing, unavailable } from './errors.ts';
import { answerTo } from './exchange.ts';
import type { Accepted, Acknowledged, Hinted, Kept } from './facts.ts';
import { HandOff } from './handOff.ts';
import { inspect } from './inspect.ts';
import { Journal } from './journal.ts';
import { messages, type QuorumMessages } from './messages.ts';
import { HOP_MS, readSettings } from './options.ts';
import { isSilence, Peers } from './peers.ts';
import type { PendingRead } from './pendingRead.ts';
import type { PendingWrite } from './pendingWrite.ts';
import { QuorumRing } from './ring.ts';
import { Stabilizer } from './stabilizer.ts';
import { QuorumState } from './state.ts';
import { packWrite, unpackWrite, type Write } from './write.ts';

type Params<K extends keyof QuorumMessages> = ParamsOf<QuorumMessages, K>;
type Result<K extends keyof QuorumMessages> = ResultOf<QuorumMessages, K>;
type Handlers = Replica<QuorumMessages>['handlers'];

/** The longest pause between two attempts to copy from a member that does not answer. */
const MOST_RETRY_MS = 16 * HELLO_MS;

export function createQuorumReplica(
  env: Env<QuorumMessages, 'server'>,
  options: Options,
): Replica<QuorumMessages> {
  return new QuorumReplica(env, options);
}

class QuorumReplica implements Replica<QuorumMessages> {
  readonly state: QuorumState;
  readonly #env: Env<QuorumMessages, 'server'>;
  readonly #journal: Journal;
  readonly #peers: Peers;
  readonly #handOff: HandOff;
  readonly #tasks: Tasks;
  readonly #stabilizer: Stabilizer;
  readonly #attempts = new LatestAttempts<Promise<Result<'put'>>>();
  /** Resolves when the service has answered this server for the first time. */
  readonly #joined: Promise<readonly NodeId[]>;
  #copying: Promise<void> | undefined;

  constructor(env: Env<QuorumMessages, 'server'>, options: Options) {
    this.#env = env;
    this.state = new QuorumState(env.self, readSettings(options));
    this.#journal = new Journal(this.state, env.storage);
    this.#peers = new Peers(env, this.state);
    this.#handOff = new HandOff(this.#journal, this.#peers, env.observe);
    this.#tasks = new Tasks(env);
    this.#stabilizer = new Stabilizer(env, {
      journal: this.#journal,
      peers: this.#peers,
      handOff: this.#handOff,
      tasks: this.#tasks,
      join: () => this.#join(false),
    });
    this.#joined = new Promise((resolve) => {
      inBackground(env, async () => resolve(await this.#joinAtStart()));
    });
  }

  readonly handlers: Handlers = {
    put: (from, params) => {
      const [id] = params.session;
      if (id !== from) throw new CallError('E_BAD_REQUEST', `session ${id}, asked by ${from}`);
      return this.#once(params, () => this.#put(params));
    },
    get: (_from, params) => this.#get(params),
    passPut: (from, params) => {
      this.#heardRequest(from, params.clock);
      return this.#once(params, () => this.#coordinatePut(params));
    },
    passGet: (from, params) => {
      this.#heardRequest(from, params.clock);
      return this.#coordinateGet(params);
    },
    replicate: (from, params) => {
      this.#peers.heard(from, params.clock);
      return this.#replicate(from, params);
    },
    read: (from, params) => {
      this.#peers.heard(from, params.clock);
      return this.#readFor(from, params);
    },
    announce: async (from, { clock }) => {
      this.#peers.heard(from, clock);
      await this.#handOff.deliver(from);
      return this.#stamp();
    },
    transfer: (from, params) => {
      this.#peers.heard(from, params.clock);
      return this.#transfer(params);
    },
    pull: (from, params) => {
      this.#peers.heard(from, params.clock);
      return this.#pull(from, params);
    },
    meet: (from, params) => {
      this.#peers.heard(from, params.clock);
      return this.#stabilizer.meet(from, params);
    },
    flush: (from, params) => {
      this.#peers.heard(from, params.clock);
      return this.#stabilizer.flush(params);
    },
    equalize: (from, params) => {
      this.#peers.heard(from, params.clock);
      return this.#stabilizer.equalize(params);
    },
    collect: (from, params) => {
      this.#peers.heard(from, params.clock);
      return this.#stabilizer.collect(params);
    },
    relay: (from, params) => {
      this.#peers.heard(from, params.clock);
      return params.route.length === 0 ? this.#unwrap(params) : this.#peers.handOn(params);
    },
  };

  restore(record: Json): void {
    this.#journal.restore(record);
  }

  /** A hint may still take effect at its owner, also where this server has a later write. */
  *recovered(): Generator<RecoveredWrite> {
    for (const entry of this.versions()) yield { ...entry, outcome: 'ok' };
    for (const entry of this.hints()) yield { ...entry, outcome: 'unknown' };
  }

  connected(peer: NodeId, role: Role): void {
    if (role !== 'server') return;
    this.state.liveness.connected(peer);
    this.#tasks.run(() => this.#handOff.deliver(peer));
    this.#tasks.run(() => this.#handOff.announce(peer));
    this.#copyAll();
  }

  disconnected(peer: NodeId, role: Role): void {
    if (role === 'server') this.state.liveness.disconnected(peer);
  }

  async quiesced(): Promise<readonly NodeId[] | undefined> {
    const awaited = await this.#joined;
    await this.#tasks.quiesced();
    return this.state.ring === undefined && awaited.length > 0 ? awaited : undefined;
  }

  stabilize(order: Parameters<Replica['stabilize']>[0]): Promise<RoundOutcome> {
    return this.#stabilizer.stabilize(order);
  }

  entries(): Iterable<readonly [key: string, value: string]> {
    return this.state.store.values();
  }

  *versions(): Generator<StoreEntry> {
    for (const write of this.state.store.writes()) yield toEntry(write);
  }

  /** Before there is a ring, no server has any key. */
  replicasOf(key: string): readonly NodeId[] {
    return this.state.ring?.replicasOf(key) ?? [];
  }

  *hints(): Generator<StoreEntry> {
    for (const { write } of this.state.hints.all()) yield toEntry(write);
  }

  inspect(): Inspection {
    return inspect(this.state);
  }

  /** `transfer`: delivers all hints for servers that are reached, suspected or not. */
  async command(name: string): Promise<readonly string[]> {
    if (name !== 'transfer') throw new CallError('E_NO_METHOD', name);
    const { hints } = this.state;
    await Promise.all(hints.owners.map((owner) => this.#handOff.deliver(owner)));
    return [];
  }

  // The ring.

  /** Tells the service that this server is here, until it answers. */
  async #joinAtStart(): Promise<readonly NodeId[]> {
    await pause(this.#env, 0);
    for (;;) {
      const awaited = await unlessCallError(this.#join(false));
      if (awaited !== undefined) return awaited;
      await pause(this.#env, HELLO_MS);
    }
  }

  /** Gives the servers that have to join before there can be a ring. */
  async #join(isNeeded: boolean): Promise<readonly NodeId[]> {
    const { store, self } = this.state;
    const known = this.state.ring?.spec ?? null;
    const asked = { ring: known, floor: store.floor, isNeeded };
    const { ring, awaited, floor } = await this.#env.callService('join', asked);
    if (floor > store.floor) await this.#journal.commit({ kind: 'collect', floor });
    if (ring !== null && ring.number > (this.state.ring?.number ?? 0)) {
      const isComplete = new QuorumRing(ring).isFounder(self);
      await this.#journal.commit({ kind: 'ring', ring, isComplete });
    }
    this.#copyAll();
    return awaited;
  }

  /** Gets the ring for a request. Throws ERR_NO_RING: nothing is done without it. */
  async #needRing(): Promise<void> {
    if (this.state.ring !== undefined) return;
    let awaited: readonly NodeId[];
    try {
      awaited = await this.#join(true);
    } catch (error) {
      if (error instanceof CallError && error.code !== 'E_STORAGE') throw noRing(error.message);
      throw error;
    }
    if (awaited.length > 0) throw noRing(`servers ${awaited.join(', ')} have to join first`);
  }

  /** Another server counts on that ring. */
  async #sameRing(number: number): Promise<void> {
    if ((this.state.ring?.number ?? 0) < number) await this.#join(false);
    if (this.state.ring?.number !== number) throw new CallError('ERR_STALE_RING', `${number}`);
  }

  // Requests.

  #once(
    { session, seq }: Params<'put'>,
    make: () => Promise<Result<'put'>>,
  ): Promise<Result<'put'>> {
    const [id, incarnation] = session;
    return this.#attempts.once({ session: { id, incarnation }, seq, attempt: 0 }, make);
  }

  async #put(params: Params<'put'>): Promise<Result<'put'>> {
    await this.#needRing();
    const route = this.state.route(params.key);
    if (route === 'here') return this.#coordinatePut(params);
    this.state.clock.witness(params.clock);
    return this.#passOn(route, 'passPut', params, ({ code }) => code === 'ERR_NOT_CONNECTED');
  }

  async #get(params: Params<'get'>): Promise<Result<'get'>> {
    await this.#needRing();
    const route = this.state.route(params.key);
    if (route === 'here') return this.#coordinateGet(params);
    this.state.clock.witness(params.clock);
    return this.#passOn(route, 'passGet', params, isSilence);
  }

  /** One hop: to the first of these servers that can be reached. */
  async #passOn<K extends 'passPut' | 'passGet'>(
    servers: readonly NodeId[],
    method: K,
    params: Params<K>,
    mayGoOn: (error: CallError) => boolean,
  ): Promise<Result<K>> {
    const { timeoutMs } = this.state.settings;
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
  #heardRequest(from: NodeId, clock: number): void {
    this.#peers.heard(from, clock);
    this.#tasks.run(() => this.#handOff.deliver(from));
  }

  async #coordinatePut(params: Params<'put'>): Promise<Result<'put'>> {
    await this.#needRing();
    const { session, seq, key, value, level, clock } = params;
    this.state.clock.witness(clock);
    const pending = this.state.beginWrite(key, value, level);
    const { write } = pending;
    this.#env.observe?.({ kind: 'accepted', write, session, seq } satisfies Accepted);
    await this.#decided(pending, (replica) => this.#writeAt(replica, pending));
    const { decision } = pending;
    if (decision === 'undone') throw unavailable(pending.needed, 0);
    await this.#keepHints(pending);
    if (decision !== 'met') throw new CallError('ERR_UNREACHABLE', 'too few replicas confirmed');
    const { confirmations, needed } = pending;
    const acked: Acknowledged = { kind: 'acknowledged', write, needed, confirmations };
    this.#env.observe?.(acked);
    const version = toVersionTuple(write.version);
    return { coordinator: this.state.self.id, version, ...this.#stamp() };
  }

  async #coordinateGet({ key, level, clock }: Params<'get'>): Promise<Result<'get'>> {
    await this.#needRing();
    this.state.clock.witness(clock);
    const pending = this.state.beginRead(key, level);
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
    const { write } = decision;
    return {
      coordinator: this.state.self.id,
      value: write?.value ?? null,
      version: write === undefined ? null : toVersionTuple(write.version),
      ...this.#stamp(),
    };
  }

  /**
   * Calls the replicas of a request, and resolves when it is decided, at the latest when its time
   * is over. The calls go on, and then what follows them; a later line of the script waits for it.
   */
  #decided(
    pending: PendingWrite | PendingRead,
    call: (replica: NodeId) => Promise<void>,
    after: () => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#env.after(this.state.settings.timeoutMs, () => {
        pending.expire();
        resolve();
      });
      const changed = (): void => {
        if (pending.isOpen) return;
        cancel();
        resolve();
      };
      changed();
      this.#tasks.run(async () => {
        await Promise.all(pending.called.map((replica) => call(replica).then(changed)));
        await after();
      });
    });
  }

  async #writeAt(replica: NodeId, pending: PendingWrite): Promise<void> {
    const { write } = pending;
    try {
      const isKept =
        replica === this.state.self.id ? await this.#keep(write) : await this.#send(replica, write);
      if (!isKept) {
        pending.failed(replica, false);
        return;
      }
      pending.confirmed(replica);
      await this.#handOff.confirm(replica, [write]);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      const isUnsent = error.code === 'ERR_NOT_CONNECTED' || replica === this.state.self.id;
      if (!pending.hasConfirmed(replica)) pending.failed(replica, isUnsent);
    }
  }

  /** Whether the replica has the write now, or a later one. */
  async #send(replica: NodeId, write: Write): Promise<boolean> {
    const { ring, settings } = this.state;
    const params = { ring: ring?.number ?? 0, write: packWrite(write) };
    const answer = await this.#peers.call(replica, 'replicate', params, settings.timeoutMs);
    this.#answered(replica, answer);
    return answer.isKept;
  }

  /** A replica has answered: what each of the two keeps for the other can be delivered now. */
  #answered(replica: NodeId, { isOwed }: { readonly isOwed: boolean }): void {
    if (isOwed) this.#tasks.run(() => this.#handOff.announce(replica));
  }

  /** Before a write is acknowledged, its coordinator keeps it for those that have not confirmed. */
  async #keepHints(pending: PendingWrite): Promise<void> {
    const owners = pending.unconfirmed;
    if (!this.state.settings.hasHints || owners.length === 0) return;
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

  async #readOne(replica: NodeId, key: string): Promise<Write | undefined> {
    if (replica === this.state.self.id) return this.state.read(key);
    const { ring, settings } = this.state;
    const params = { ring: ring?.number ?? 0, key };
    const answer = await this.#peers.call(replica, 'read', params, settings.timeoutMs);
    this.#answered(replica, answer);
    return answer.write === null ? undefined : unpackWrite(answer.write);
  }

  /** Brings the newest write that a read has found to the replicas that it found stale. */
  async #repair(pending: PendingRead): Promise<void> {
    if (!this.state.settings.hasReadRepair) return;
    const repairs = pending.repairs.map(({ replica, write }) =>
      unlessCallError(
        replica === this.state.self.id ? this.#keep(write) : this.#send(replica, write),
      ),
    );
    await Promise.all(repairs);
  }

  // As a replica.

  /** Makes a write durable here. Whether this replica has it then, or a later one. */
  async #keep(write: Write): Promise<boolean> {
    const { store } = this.state;
    if (!store.has(write)) {
      if (store.isBelowFloor(write)) return false;
      await this.#journal.commit({ kind: 'writes', writes: [packWrite(write)], isCopy: false });
    }
    if (store.has(write)) this.#observeKept(write);
    return store.has(write);
  }

  async #replicate(
    from: NodeId,
    { ring, write }: Params<'replicate'>,
  ): Promise<Result<'replicate'>> {
    await this.#sameRing(ring);
    const isKept = await this.#keep(this.#checked(write));
    return { isKept, isOwed: this.state.hints.has(from), ...this.#stamp() };
  }

  async #readFor(from: NodeId, { ring, key }: Params<'read'>): Promise<Result<'read'>> {
    await this.#sameRing(ring);
    const write = this.state.read(key);
    const isOwed = this.state.hints.has(from);
    return { write: write === undefined ? null : packWrite(write), isOwed, ...this.#stamp() };
  }

  async #transfer({ ring, writes }: Params<'transfer'>): Promise<Result<'transfer'>> {
    await this.#sameRing(ring);
    const { store } = this.state;
    const given = writes.map((write) => this.#checked(write));
    const lacking = given.filter((write) => !store.has(write)).map(packWrite);
    if (lacking.length > 0) {
      await this.#journal.commit({ kind: 'writes', writes: lacking, isCopy: false });
    }
    for (const write of given.filter((one) => store.has(one))) this.#observeKept(write);
    return this.#stamp();
  }

  async #pull(from: NodeId, { ring, known, ...range }: Params<'pull'>): Promise<Result<'pull'>> {
    await this.#sameRing(ring);
    const { writes, next } = answerTo(this.state, from, range, known);
    return { writes: writes.map(packWrite), next, ...this.#stamp() };
  }

  #observeKept(write: Write): void {
    this.#env.observe?.({ kind: 'kept', write } satisfies Kept);
  }

  /** A write that a peer sent. Throws E_BAD_REQUEST if it is for another replica. */
  #checked(packed: Params<'replicate'>['write']): Write {
    const write = unpackWrite(packed);
    if (!this.state.isReplica(write.key)) throw new CallError('E_BAD_REQUEST', 'no replica of it');
    this.state.clock.check(write.version.timestamp);
    return write;
  }

  /** Answers a relayed message. Its sender is not heard: there is no link to it. */
  async #unwrap({ origin, method, params }: Params<'relay'>): Promise<Result<'relay'>> {
    const checked = checkParams(messages[method], params) as { readonly clock: number };
    this.state.clock.witness(checked.clock);
    const answer = {
      flush: () => this.#stabilizer.flush(checked as Params<'flush'>),
      equalize: () => this.#stabilizer.equalize(checked as Params<'equalize'>),
      collect: () => this.#stabilizer.collect(checked as Params<'collect'>),
      transfer: () => this.#transfer(checked as Params<'transfer'>),
      pull: () => this.#pull(origin, checked as Params<'pull'>),
    }[method];
    return { result: (await answer()) as unknown as Json, ...this.#stamp() };
  }

  /**
   * A member without its data copies from all others that share keys with it, again and again until
   * it has copied from each.
   */
  #copyAll(): void {
    if (this.#copying !== undefined || this.state.isComplete) return;
    const first = this.#copyPass();
    this.#tasks.run(() => first);
    this.#copying = first;
    inBackground(this.#env, async () => {
      await first;
      for (let ms = HELLO_MS; this.#isCopyable; ms = Math.min(2 * ms, MOST_RETRY_MS)) {
        await pause(this.#env, ms);
        await this.#copyPass();
      }
      this.#copying = undefined;
    });
  }

  get #isCopyable(): boolean {
    return this.state.uncopied.some((id) => this.state.liveness.isLinked(id));
  }

  async #copyPass(): Promise<void> {
    const reached = this.state.uncopied.filter((id) => this.state.liveness.isLinked(id));
    await Promise.all(reached.map((id) => this.#handOff.copyFrom(id)));
  }

  #stamp(): { clock: number } {
    return { clock: this.state.clock.time };
  }
}

function toEntry({ key, value, version }: Write): StoreEntry {
  return { key, value, version: toVersionTuple(version) };
}

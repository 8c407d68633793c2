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
import type { Options, Replica } from '../../kernel/protocol.ts';
import type { RoundOrder, RoundOutcome } from '../../kernel/round.ts';
import type { StoreEntry } from '../../kernel/snapshot.ts';
import { Tasks } from '../../replication/tasks.ts';
import { beginAntiEntropy } from './antiEntropy.ts';
import { Bootstrap } from './bootstrap.ts';
import { Coordinator } from './coordinator.ts';
import { Gossip } from './gossip.ts';
import { HandOff } from './handOff.ts';
import { inspect } from './inspect.ts';
import { Journal } from './journal.ts';
import { messages, type QuorumMessages } from './messages.ts';
import { readSettings } from './options.ts';
import { Peers } from './peers.ts';
import { Reconciler } from './reconciler.ts';
import { Reconciling } from './reconciling.ts';
import { Stabilizer } from './stabilizer.ts';
import { QuorumState } from './state.ts';
import { Store } from './store.ts';
import { packWrite, unpackWrite, type Write } from './write.ts';

type Params<K extends keyof QuorumMessages> = ParamsOf<QuorumMessages, K>;
type Result<K extends keyof QuorumMessages> = ResultOf<QuorumMessages, K>;
type Handlers = Replica<QuorumMessages>['handlers'];

export function createQuorumReplica(
  env: Env<QuorumMessages, 'server'>,
  options: Options,
): Replica<QuorumMessages> {
  return new QuorumReplica(env, options);
}

class QuorumReplica implements Replica<QuorumMessages> {
  readonly state: QuorumState;
  readonly #journal: Journal;
  readonly #peers: Peers;
  readonly #handOff: HandOff;
  readonly #reconciling: Reconciling;
  readonly #tasks: Tasks;
  readonly #bootstrap: Bootstrap;
  readonly #coordinator: Coordinator;
  readonly #stabilizer: Stabilizer;
  readonly #gossip: Gossip;

  constructor(env: Env<QuorumMessages, 'server'>, options: Options) {
    this.state = new QuorumState(env.self, readSettings(options));
    const journal = new Journal(this.state, env.storage, env.observe);
    const peers = new Peers(env, this.state);
    const reconciler = new Reconciler(journal, peers);
    const handOff = new HandOff(journal, peers, reconciler, env.observe);
    const tasks = new Tasks(env);
    peers.onBack = (peer) => tasks.run(() => handOff.deliver(peer));
    const bootstrap = new Bootstrap(env, { journal, handOff, tasks });
    const join = (): Promise<unknown> => bootstrap.join(false);
    peers.onStaleRing = () => bootstrap.refresh();
    this.#journal = journal;
    this.#peers = peers;
    this.#handOff = handOff;
    this.#reconciling = new Reconciling({ journal, reconciler, bootstrap });
    this.#tasks = tasks;
    this.#bootstrap = bootstrap;
    this.#coordinator = new Coordinator(env, { journal, peers, handOff, tasks, bootstrap });
    this.#stabilizer = new Stabilizer(env, { journal, peers, handOff, tasks, join });
    const onAnswer = (peer: NodeId): void => this.#deliverTo(peer);
    this.#gossip = new Gossip(env, { state: this.state, peers, onAnswer });
    this.#gossip.turn(this.state.settings.isGossiping);
    beginAntiEntropy(env, this.state, handOff);
  }

  readonly handlers: Handlers = {
    put: (from, params) => {
      const [id] = params.session;
      if (id !== from) throw new CallError('E_BAD_REQUEST', `session ${id}, asked by ${from}`);
      return this.#coordinator.put(params);
    },
    get: (_from, params) => this.#coordinator.get(params),
    passPut: (from, params) => this.#coordinator.passedPut(from, params),
    passGet: (from, params) => this.#coordinator.passedGet(from, params),
    replicate: (from, params) => {
      this.#peers.heard(from, params.clock);
      return this.#replicate(from, params);
    },
    read: (from, params) => {
      this.#peers.heard(from, params.clock);
      return this.#readFor(from, params);
    },
    announce: async (from, { ring, clock }) => {
      this.#peers.heard(from, clock);
      await this.#bootstrap.hearOf(ring);
      await this.#handOff.deliver(from);
      return this.#stamp();
    },
    heartbeat: (from, { clock }) => {
      this.#peers.heard(from, clock);
      this.#deliverTo(from);
      return this.#stamp();
    },
    transfer: (from, params) => {
      this.#peers.heard(from, params.clock);
      return this.#transfer(params);
    },
    compare: (from, params) => {
      this.#peers.heard(from, params.clock);
      return this.#reconciling.compare(from, params);
    },
    descend: (from, params) => {
      this.#peers.heard(from, params.clock);
      return this.#reconciling.descend(params);
    },
    pull: (from, params) => {
      this.#peers.heard(from, params.clock);
      return this.#reconciling.pull(from, params);
    },
    push: (from, params) => {
      this.#peers.heard(from, params.clock);
      return this.#reconciling.push(params);
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

  /**
   * A hint may still take effect at its owner, also where this server has a later write. What a
   * newcomer has is dropped if it does not become a member.
   */
  *recovered(): Generator<RecoveredWrite> {
    const outcome = this.state.ring?.isCopying(this.state.self.id) === true ? 'unknown' : 'ok';
    for (const entry of this.versions()) yield { ...entry, outcome };
    for (const entry of this.hints()) yield { ...entry, outcome: 'unknown' };
  }

  connected(peer: NodeId, role: Role): void {
    if (role !== 'server') return;
    this.state.liveness.connected(peer);
    this.#tasks.run(() => this.#handOff.deliver(peer));
    this.#tasks.run(() => this.#handOff.announce(peer));
    this.#bootstrap.copyAll();
  }

  disconnected(peer: NodeId, role: Role): void {
    if (role === 'server') this.state.liveness.disconnected(peer);
  }

  async quiesced(): Promise<readonly NodeId[] | undefined> {
    const awaited = await this.#bootstrap.joined;
    await this.#tasks.quiesced();
    await this.#journal.flush();
    const { ring, isWaiting, isNewcomer, uncopied } = this.state;
    if (isWaiting && ring?.newcomer !== undefined) return [ring.newcomer];
    if (isNewcomer && uncopied.length > 0) return uncopied;
    return ring === undefined && awaited.length > 0 ? awaited : undefined;
  }

  stabilize(order: RoundOrder): Promise<RoundOutcome> {
    return this.#stabilizer.stabilize(order);
  }

  *entries(): Generator<readonly [key: string, value: string]> {
    yield* this.state.store.values();
    const standIns = new Store();
    for (const write of this.state.standIns()) standIns.merge(write);
    yield* standIns.values();
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
    return inspect(this.state, this.#gossip.isOn);
  }

  /**
   * `transfer`: delivers all hints for servers that are reached, suspected or not. `gossip on` or
   * `gossip off`.
   */
  async command(name: string, [word]: readonly string[]): Promise<readonly string[]> {
    if (name === 'gossip') {
      this.#gossip.turn(word === 'on');
      return [];
    }
    if (name !== 'transfer') throw new CallError('E_NO_METHOD', name);
    const { hints } = this.state;
    await Promise.all(hints.owners.map((owner) => this.#handOff.deliver(owner)));
    return [];
  }

  /** A peer is alive: it gets the hints that are kept for it. */
  #deliverTo(peer: NodeId): void {
    if (this.state.hints.has(peer)) this.#tasks.run(() => this.#handOff.deliver(peer));
  }

  // As a replica.

  async #replicate(
    from: NodeId,
    { ring, write: packed, owner }: Params<'replicate'>,
  ): Promise<Result<'replicate'>> {
    await this.#bootstrap.sameRing(ring);
    const write = this.#checked(ring, packed, owner ?? this.state.self.id);
    const isKept =
      owner === null ? await this.#journal.keep(write) : await this.#journal.keepFor(owner, write);
    return { isKept, isOwed: this.state.hints.has(from), ...this.#stamp() };
  }

  async #readFor(from: NodeId, { ring, key }: Params<'read'>): Promise<Result<'read'>> {
    await this.#bootstrap.sameRing(ring);
    const writes = this.state.read(key).map(packWrite);
    return { writes, isOwed: this.state.hints.has(from), ...this.#stamp() };
  }

  async #transfer({ ring, writes }: Params<'transfer'>): Promise<Result<'transfer'>> {
    await this.#bootstrap.sameRing(ring);
    await this.#journal.keepAll(
      writes.map((write) => this.#checked(ring, write, this.state.self.id)),
    );
    return this.#stamp();
  }

  /** To be called right before the write goes to the log: the ring may have changed meanwhile. */
  #checked(ring: number, packed: Params<'replicate'>['write'], owner: NodeId): Write {
    this.state.checkRing(ring);
    const write = unpackWrite(packed);
    this.state.check(write, owner);
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
      compare: () => this.#reconciling.compare(origin, checked as Params<'compare'>),
      descend: () => this.#reconciling.descend(checked as Params<'descend'>),
      pull: () => this.#reconciling.pull(origin, checked as Params<'pull'>),
      push: () => this.#reconciling.push(checked as Params<'push'>),
    }[method];
    return { result: (await answer()) as unknown as Json, ...this.#stamp() };
  }

  #stamp(): { clock: number } {
    return { clock: this.state.clock.time };
  }
}

function toEntry({ key, value, version, context }: Write): StoreEntry {
  const entry = { key, value, version: toVersionTuple(version) };
  return context === null ? entry : { ...entry, context: context.toTuples() };
}

// A round of stabilize. The connected servers build a spanning tree from the root (Chang's echo
// algorithm, IEEE TSE 1982), over which the root then reaches each of them.
//
//   1 meet      which servers take part, and the latest clock of them
//   2 flush     each takes over that clock, ends what it has under way, and delivers its hints
//   3 equalize  each two exchange what either lacks: then replicas have the same
//   4 collect   if every member of the ring has taken part, and no hint is left
//
// After 2 every new write is above the clock of 1. So no write up to it is under way any more, and
// tombstones up to it may go.
import type { Env } from '../../kernel/env.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import type { RoundOutcome } from '../../kernel/protocol.ts';
import { unlessCallError } from '../../replication/background.ts';
import type { Tasks } from '../../replication/tasks.ts';
import type { HandOff } from './handOff.ts';
import type { Journal } from './journal.ts';
import type { QuorumMessages } from './messages.ts';
import type { Peers, RelayedMethod } from './peers.ts';
import { type Route, routesFrom } from './routes.ts';
import type { QuorumState } from './state.ts';

type Params<K extends keyof QuorumMessages> = ParamsOf<QuorumMessages, K>;
type Result<K extends keyof QuorumMessages> = ResultOf<QuorumMessages, K>;

/** The round that this server is in. */
interface Round {
  readonly number: number;
  readonly parent: NodeId | null;
  readonly met: Promise<Result<'meet'>>;
  /** The servers to which a link works in both directions. */
  readonly direct: Set<NodeId>;
}

/** The shares of a round's time that `meet` and each later phase get. */
const PHASES = 4;
/** The share of a phase that a server gets for the work; the rest is for its answer. */
const ANSWER_SHARE = 0.8;

export class Stabilizer {
  readonly #env: Env<QuorumMessages, 'server'>;
  readonly #journal: Journal;
  readonly #state: QuorumState;
  readonly #peers: Peers;
  readonly #handOff: HandOff;
  readonly #tasks: Tasks;
  readonly #join: () => Promise<unknown>;
  #round: Round | undefined;

  constructor(
    env: Env<QuorumMessages, 'server'>,
    parts: {
      readonly journal: Journal;
      readonly peers: Peers;
      readonly handOff: HandOff;
      readonly tasks: Tasks;
      /** Asks the service for the ring, which a server may not have needed yet. */
      readonly join: () => Promise<unknown>;
    },
  ) {
    this.#env = env;
    this.#journal = parts.journal;
    this.#state = parts.journal.state;
    this.#peers = parts.peers;
    this.#handOff = parts.handOff;
    this.#tasks = parts.tasks;
    this.#join = parts.join;
  }

  /** Runs a round with this server as its root. */
  async stabilize(order: {
    readonly round: number;
    readonly avoid: NodeId[];
    readonly known: readonly NodeId[];
    readonly budgetMs: number;
  }): Promise<RoundOutcome> {
    const { id: self } = this.#env.self;
    const { round, avoid, known } = order;
    const budgetMs = order.budgetMs / PHASES;
    const stepMs = budgetMs / (known.length + 1);
    const { clock } = this.#state;
    const met = await this.#enter(null, { round, avoid, budgetMs, stepMs, clock: clock.time });
    const floor = clock.time;
    // A server that one of them could not reach may take part over another.
    const isIn = new Set([self, ...met.routes.map(lastOf)]);
    const silent = new Set(met.missing.filter((id) => !isIn.has(id)));
    const flushed = await this.#all('flush', met.routes, budgetMs, silent);
    // This server's disk has no room: another one has to be the root.
    if (!flushed.has(self)) return { reached: [], missing: [self] };
    for (const [id, { owed }] of flushed) this.#miss(id, owed, silent);
    const routes = met.routes.filter((route) => flushed.has(lastOf(route)));
    const equal = await this.#equalize(routes, budgetMs, silent);
    const reached = [self, ...routes.map(lastOf).filter((id) => !silent.has(id))];
    const isQuiet = [...flushed.values()].every((answer) => answer.isQuiet);
    if (isQuiet) await this.#forget(floor, routes, equal, budgetMs);
    return { reached, missing: [...silent] };
  }

  /** Takes part in the round, and asks the servers beyond; answers a copy as the first time. */
  meet(from: NodeId, params: Params<'meet'>): Promise<Result<'meet'>> {
    const { number = -1, parent, met } = this.#round ?? {};
    if (params.round === number && parent === from && met !== undefined) return met;
    if (params.round > number) return this.#enter(from, params);
    return Promise.resolve({ routes: [], missing: [], clock: this.#state.clock.time });
  }

  async flush({ routes, budgetMs }: Omit<Params<'flush'>, 'clock'>): Promise<Result<'flush'>> {
    const { clock, hints } = this.#state;
    if (this.#state.ring === undefined) await this.#join();
    // A growing ring may have a later number that no message has brought here yet.
    if (this.#state.ring?.newcomer !== undefined) await unlessCallError(this.#join());
    await this.#journal.commit({ kind: 'clock', clock: clock.time });
    const owners = routes.filter((route) => hints.has(lastOf(route)));
    const ended = Promise.all([
      this.#tasks.quiesced(),
      this.#handOff.deliver(this.#state.self.id),
      ...owners.map((route) =>
        this.#handOff.deliver(lastOf(route), this.#directly(route), budgetMs / 2),
      ),
    ]);
    const isQuiet = (await this.#within(budgetMs * ANSWER_SHARE, ended)) !== undefined;
    const owed = routes.map(lastOf).filter((id) => hints.has(id));
    return { isQuiet: isQuiet && hints.size === 0, owed, clock: clock.time };
  }

  async equalize({
    routes,
    budgetMs,
  }: Omit<Params<'equalize'>, 'clock'>): Promise<Result<'equalize'>> {
    const { self, ring, isMember, isComplete, clock } = this.#state;
    // Of two servers the one with the lower id does it for both, unless the other one has to know
    // that it has copied all.
    const isMine = (id: NodeId): boolean =>
      (id > self.id || !isComplete) && ring?.isMember(id) === true;
    const members = isMember ? routes.filter((route) => isMine(lastOf(route))) : [];
    const missed = new Set(members.map(lastOf));
    const copies = members.map(async (route) => {
      const path = this.#directly(route);
      const isCopied = await this.#handOff.exchangeWith(lastOf(route), path, budgetMs / 2);
      if (isCopied) missed.delete(lastOf(route));
    });
    await this.#within(budgetMs * ANSWER_SHARE, Promise.all(copies));
    const life: [number, number] = [self.id, self.incarnation];
    return { life, missed: [...missed], clock: clock.time };
  }

  async collect({ floor }: Pick<Params<'collect'>, 'floor'>): Promise<Result<'collect'>> {
    this.#state.clock.check(floor);
    const before = this.#state.store.size;
    await this.#journal.commit({ kind: 'collect', floor });
    const tombstones = before - this.#state.store.size;
    if (tombstones > 0) this.#env.note('collect', { tombstones });
    return { clock: this.#state.clock.time };
  }

  #enter(parent: NodeId | null, params: Params<'meet'>): Promise<Result<'meet'>> {
    const direct = new Set(parent === null ? [] : [parent]);
    const met = this.#meetBeyond(parent, params, direct);
    this.#round = { number: params.round, parent, met, direct };
    return met;
  }

  /**
   * Asks all linked servers but the parent, and adds those that answer to `direct`. The routes
   * begin at this server, without it.
   */
  async #meetBeyond(
    parent: NodeId | null,
    { round, avoid, budgetMs, stepMs }: Params<'meet'>,
    direct: Set<NodeId>,
  ): Promise<Result<'meet'>> {
    const { liveness, clock } = this.#state;
    const peers = liveness.linked.filter((id) => id !== parent && !avoid.includes(id));
    const beyond = { round, avoid, stepMs, budgetMs: Math.max(0, budgetMs - stepMs) };
    const answers = await Promise.all(
      peers.map((id) => unlessCallError(this.#peers.call(id, 'meet', beyond, budgetMs))),
    );
    const routes: Route[] = parent === null ? [] : [[]];
    const missing: NodeId[] = [];
    for (const [index, answer] of answers.entries()) {
      const peer = peers[index] as NodeId;
      if (answer === undefined) missing.push(peer);
      else direct.add(peer);
      for (const route of answer?.routes ?? []) routes.push([peer, ...route]);
      missing.push(...(answer?.missing ?? []));
    }
    return { routes: routes.map((route) => [...route]), missing, clock: clock.time };
  }

  /** A second pass, if a server could not pull from another one. */
  async #equalize(
    routes: readonly Route[],
    budgetMs: number,
    silent: Set<NodeId>,
  ): Promise<Map<NodeId, Result<'equalize'>>> {
    const first = await this.#all('equalize', routes, budgetMs / 2, silent);
    const isDone = (answers: ReadonlyMap<NodeId, Result<'equalize'>>): boolean =>
      [...answers.values()].every(({ missed }) => missed.length === 0);
    if (isDone(first)) return first;
    const left = routes.filter((route) => first.has(lastOf(route)));
    const second = await this.#all('equalize', left, budgetMs / 2, silent);
    for (const [id, { missed }] of second) {
      this.#miss(id, missed, silent);
      if (missed.length > 0) second.delete(id);
    }
    return second;
  }

  /** A server could not do its part with these. The root itself counts as reached all the same. */
  #miss(id: NodeId, missed: readonly NodeId[], silent: Set<NodeId>): void {
    if (missed.length === 0) return;
    for (const other of id === this.#env.self.id ? missed : [id]) silent.add(other);
  }

  /** Runs a phase at all servers of the routes and here. Those that fail are added to `silent`. */
  async #all<K extends 'flush' | 'equalize'>(
    method: K,
    routes: readonly Route[],
    budgetMs: number,
    silent: Set<NodeId>,
  ): Promise<Map<NodeId, Result<K>>> {
    const { id: self } = this.#env.self;
    const answers = new Map<NodeId, Result<K>>();
    const ask = async (id: NodeId, asked: Promise<Result<K>>): Promise<void> => {
      const answer = await unlessCallError(asked);
      if (answer === undefined) silent.add(id);
      else answers.set(id, answer);
    };
    const here: Promise<Result<'flush' | 'equalize'>> = this[method]({
      routes: routesFrom(self, [], routes),
      budgetMs,
    });
    await Promise.all([
      ask(self, here as Promise<Result<K>>),
      ...routes.map((route) => {
        const params = { routes: routesFrom(self, route, routes), budgetMs };
        return ask(lastOf(route), this.#call(route, method, params, budgetMs));
      }),
    ]);
    return answers;
  }

  #call<K extends 'flush' | 'equalize'>(
    route: Route,
    method: K,
    params: Omit<Params<'flush'>, 'clock'>,
    budgetMs: number,
  ): Promise<Result<K>> {
    return this.#peers.callVia<RelayedMethod>(route, method, params, budgetMs) as Promise<
      Result<K>
    >;
  }

  /** Collects tombstones, if all members have the same data and the service agrees. */
  async #forget(
    floor: number,
    routes: readonly Route[],
    equal: ReadonlyMap<NodeId, Result<'equalize'>>,
    budgetMs: number,
  ): Promise<void> {
    const { ring, store } = this.#state;
    if (ring?.members.every((id) => equal.has(id)) !== true || floor <= store.floor) return;
    if (ring.newcomer !== undefined) return;
    const lives = ring.members.map((id) => equal.get(id)?.life ?? [id, 0]);
    const asked = this.#env.callService('forget', { floor, lives: lives as [number, number][] });
    const answer = await unlessCallError(asked);
    if (answer?.isAgreed !== true) return;
    await unlessCallError(this.collect({ floor }));
    const others = routes.filter((route) => ring.isMember(lastOf(route)));
    await Promise.all(
      others.map((route) =>
        unlessCallError(this.#peers.callVia(route, 'collect', { floor, budgetMs }, budgetMs)),
      ),
    );
  }

  /** The route itself, or a shorter one if a link to its end works. */
  #directly(route: Route): Route {
    const end = lastOf(route);
    return this.#round?.direct.has(end) === true ? [end] : route;
  }

  /** Undefined if the work has not ended in time; it goes on. */
  async #within<T>(budgetMs: number, work: Promise<T>): Promise<T | undefined> {
    let cancel = (): void => undefined;
    const late = new Promise<undefined>((resolve) => {
      cancel = this.#env.after(budgetMs, () => resolve(undefined));
    });
    const first = await Promise.race([work, late]);
    cancel();
    return first;
  }
}

function lastOf(route: Route): NodeId {
  return route.at(-1) as NodeId;
}

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
import type { RoundOutcome } from '../../kernel/round.ts';
import { unlessCallError } from '../../replication/background.ts';
import type { Tasks } from '../../replication/tasks.ts';
import type { HandOff } from './handOff.ts';
import type { Journal } from './journal.ts';
import { Meeting } from './meeting.ts';
import type { QuorumMessages } from './messages.ts';
import type { Peers } from './peers.ts';
import { lastOf, type Route, routesFrom } from './routes.ts';
import type { QuorumState } from './state.ts';

type Params<K extends keyof QuorumMessages> = ParamsOf<QuorumMessages, K>;
type Result<K extends keyof QuorumMessages> = ResultOf<QuorumMessages, K>;

/** The phases in which the root asks the others over the tree, until each has done its part. */
type Phase = 'flush' | 'equalize';

/** The share of a round's time in which servers meet. */
const MEET_SHARE = 1 / 4;
/** Each later part gets this share of the time that is left, so that there is some for the next. */
const PART_SHARE = 1 / 2;
/** How often a server is asked for its part of a phase if it does not answer, or is not done. */
const ATTEMPTS = 2;
/** The share of an attempt that a server gets for the work; the rest is for its answer. */
const ANSWER_SHARE = 0.8;

export class Stabilizer {
  readonly #env: Env<QuorumMessages, 'server'>;
  readonly #journal: Journal;
  readonly #state: QuorumState;
  readonly #peers: Peers;
  readonly #handOff: HandOff;
  readonly #tasks: Tasks;
  readonly #join: () => Promise<unknown>;
  readonly #meeting: Meeting;

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
    this.#meeting = new Meeting(this.#state, parts.peers);
  }

  /** Runs a round with this server as its root. */
  async stabilize(order: {
    readonly round: number;
    readonly avoid: NodeId[];
    readonly known: readonly NodeId[];
    readonly budgetMs: number;
  }): Promise<RoundOutcome> {
    const { id: self } = this.#env.self;
    const until = this.#env.now() + order.budgetMs;
    const share = (): number => Math.max(0, until - this.#env.now()) * PART_SHARE;
    const met = await this.#meet(order);
    const floor = this.#state.clock.time;
    // A server that one of them could not reach may take part over another.
    const isIn = new Set([self, ...met.routes.map(lastOf)]);
    const silent = new Set(met.missing.filter((id) => !isIn.has(id)));
    const flushed = await this.#all('flush', met.routes, share(), silent);
    // This server's disk has no room, or is too slow: another one has to be the root.
    if (flushed.get(self)?.owed.includes(self) !== false) return { reached: [], missing: [self] };
    for (const [id, { owed }] of flushed) this.#miss(id, owed, silent);
    const routes = met.routes.filter((route) => flushed.has(lastOf(route)));
    const equal = await this.#equalize(routes, share, silent);
    if (silent.has(self)) return { reached: [], missing: [self] };
    const reached = [self, ...routes.map(lastOf).filter((id) => !silent.has(id))];
    const isQuiet = [...flushed.values()].every((answer) => answer.isQuiet);
    if (isQuiet) await this.#forget(floor, routes, equal, share());
    return { reached, missing: [...silent] };
  }

  #meet(order: {
    readonly round: number;
    readonly avoid: NodeId[];
    readonly known: readonly NodeId[];
    readonly budgetMs: number;
  }): Promise<Result<'meet'>> {
    const { round, avoid, known } = order;
    const budgetMs = order.budgetMs * MEET_SHARE;
    const stepMs = budgetMs / (known.length + 1);
    return this.#meeting.enter(null, { round, avoid, budgetMs, stepMs });
  }

  /** Takes part in the round, and asks the servers beyond; answers a copy as the first time. */
  meet(from: NodeId, params: Params<'meet'>): Promise<Result<'meet'>> {
    return this.#meeting.meet(from, params);
  }

  async flush({ routes, budgetMs }: Omit<Params<'flush'>, 'clock'>): Promise<Result<'flush'>> {
    const { self, clock, hints } = this.#state;
    const isDone = await this.#endsWithin(budgetMs * ANSWER_SHARE, this.#flush(routes, budgetMs));
    const owed = [self.id, ...routes.map(lastOf)].filter((id) => hints.has(id));
    return { isDone, isQuiet: isDone && hints.size === 0, owed, clock: clock.time };
  }

  async #flush(routes: readonly Route[], budgetMs: number): Promise<void> {
    const { clock, hints } = this.#state;
    if (this.#state.ring === undefined) await this.#join();
    // A growing ring may have a later number that no message has brought here yet.
    if (this.#state.ring?.newcomer !== undefined) await unlessCallError(this.#join());
    await this.#journal.commit({ kind: 'clock', clock: clock.time });
    const owners = routes.filter((route) => hints.has(lastOf(route)));
    await Promise.all([
      this.#tasks.quiesced(),
      this.#handOff.deliver(this.#state.self.id),
      ...owners.map((route) =>
        this.#handOff.deliver(lastOf(route), this.#meeting.directly(route), budgetMs / 2),
      ),
    ]);
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
      const path = this.#meeting.directly(route);
      const isCopied = await this.#handOff.exchangeWith(lastOf(route), path, budgetMs / 2);
      if (isCopied) missed.delete(lastOf(route));
    });
    const isDone = await this.#endsWithin(budgetMs * ANSWER_SHARE, Promise.all(copies));
    const life: [number, number] = [self.id, self.incarnation];
    return { isDone, life, ring: ring?.number ?? 0, missed: [...missed], clock: clock.time };
  }

  async collect({ floor }: Pick<Params<'collect'>, 'floor'>): Promise<Result<'collect'>> {
    this.#state.clock.check(floor);
    const before = this.#state.store.size;
    await this.#journal.commit({ kind: 'collect', floor });
    const tombstones = before - this.#state.store.size;
    if (tombstones > 0) this.#env.note('collect', { tombstones });
    return { clock: this.#state.clock.time };
  }

  /**
   * A second pass, if a server could not pull from another one, or had a former ring: then it may
   * not have known what it lacks. Such servers are silent if that is so again, the root included.
   */
  async #equalize(
    routes: readonly Route[],
    share: () => number,
    silent: Set<NodeId>,
  ): Promise<Map<NodeId, Result<'equalize'>>> {
    const first = await this.#all('equalize', routes, share(), silent);
    const latest = latestRing(first);
    if ([...first.values()].every(({ missed, ring }) => missed.length === 0 && ring === latest)) {
      return first;
    }
    const left = routes.filter((route) => first.has(lastOf(route)));
    const second = await this.#all('equalize', left, share(), silent);
    const last = latestRing(second);
    for (const [id, { missed, ring }] of second) {
      this.#miss(id, missed, silent);
      if (ring < last) silent.add(id);
      if (missed.length > 0 || ring < last) second.delete(id);
    }
    return second;
  }

  /** A server could not do its part with these. The root itself counts as reached all the same. */
  #miss(id: NodeId, missed: readonly NodeId[], silent: Set<NodeId>): void {
    if (missed.length === 0) return;
    for (const other of id === this.#env.self.id ? missed : [id]) silent.add(other);
  }

  /** Runs a phase at all servers of the routes and here. Those that fail are added to `silent`. */
  async #all<K extends Phase>(
    method: K,
    routes: readonly Route[],
    budgetMs: number,
    silent: Set<NodeId>,
  ): Promise<Map<NodeId, Result<K>>> {
    const { id: self } = this.#env.self;
    const answers = new Map<NodeId, Result<K>>();
    const ask = async (route: Route): Promise<void> => {
      const params = { routes: routesFrom(self, route, routes), budgetMs: budgetMs / ATTEMPTS };
      const answer = await this.#askUntilDone(method, route, params);
      const id = route.at(-1) ?? self;
      if (answer === undefined) silent.add(id);
      else answers.set(id, answer);
    };
    await Promise.all([ask([]), ...routes.map(ask)]);
    return answers;
  }

  /**
   * The latest answer; undefined if there is none. A server that is not done goes on with its part
   * meanwhile, and one that is busy may miss the first attempt.
   */
  async #askUntilDone<K extends Phase>(
    method: K,
    route: Route,
    params: Omit<Params<Phase>, 'clock'>,
  ): Promise<Result<K> | undefined> {
    let latest: Result<K> | undefined;
    for (let attempt = 0; attempt < ATTEMPTS && latest?.isDone !== true; attempt += 1) {
      const asked: Promise<Result<Phase>> =
        route.length === 0
          ? this[method](params)
          : this.#peers.callVia<Phase>(route, method, params, params.budgetMs);
      latest = (await unlessCallError(asked as Promise<Result<K>>)) ?? latest;
    }
    return latest;
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

  /** Whether the work ends in time. If not, it goes on. Rejects as the work does. */
  async #endsWithin(budgetMs: number, work: Promise<unknown>): Promise<boolean> {
    let cancel = (): void => undefined;
    const late = new Promise<boolean>((resolve) => {
      cancel = this.#env.after(budgetMs, () => resolve(false));
    });
    try {
      return await Promise.race([work.then(() => true), late]);
    } finally {
      cancel();
    }
  }
}

function latestRing(answers: ReadonlyMap<NodeId, Result<'equalize'>>): number {
  return Math.max(0, ...Array.from(answers.values(), ({ ring }) => ring));
}

// The first phase of a round of stabilize: which servers take part, and over which routes the root
// reaches them.
import type { NodeId } from '../../kernel/ids.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import { unlessCallError } from '../../replication/background.ts';
import type { QuorumMessages } from './messages.ts';
import type { Peers } from './peers.ts';
import { lastOf, type Route } from './routes.ts';
import type { QuorumState } from './state.ts';

type Params = Omit<ParamsOf<QuorumMessages, 'meet'>, 'clock'>;
type Result = ResultOf<QuorumMessages, 'meet'>;

/** The round that this server is in. */
interface Round {
  readonly number: number;
  readonly parent: NodeId | null;
  readonly met: Promise<Result>;
  /** The servers to which a link works in both directions. */
  readonly direct: Set<NodeId>;
}

export class Meeting {
  readonly #state: QuorumState;
  readonly #peers: Peers;
  #round: Round | undefined;

  constructor(state: QuorumState, peers: Peers) {
    this.#state = state;
    this.#peers = peers;
  }

  /** Takes part in the round, and asks the servers beyond; answers a copy as the first time. */
  meet(from: NodeId, params: Params): Promise<Result> {
    const { number = -1, parent, met } = this.#round ?? {};
    if (params.round === number && parent === from && met !== undefined) return met;
    if (params.round > number) return this.enter(from, params);
    return Promise.resolve({ routes: [], missing: [], clock: this.#state.clock.time });
  }

  /** Enters a round as a child of the parent, or as its root. */
  enter(parent: NodeId | null, params: Params): Promise<Result> {
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
    { round, avoid, budgetMs, stepMs }: Params,
    direct: Set<NodeId>,
  ): Promise<Result> {
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

  /** The route itself, or a shorter one if a link to its end works. */
  directly(route: Route): Route {
    const end = lastOf(route);
    return this.#round?.direct.has(end) === true ? [end] : route;
  }
}

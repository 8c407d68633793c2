// Rounds of stabilize for designs whose servers tell each other whole stores. The connected servers
// become a tree, their stores are merged on the way up, and the result is spread on the way down
// (Chang's echo algorithm, IEEE TSE 1982).
//
//   root            child           grandchild
//    |--- gather ---->|--- gather ---->|
//    |<---- store ----|<---- store ----|
//    |---- spread --->|---- spread --->|
//    |<---- done -----|<---- done -----|
import * as v from 'valibot';
import { nodeIdSchema } from '../kernel/control.ts';
import type { Life, NodeId } from '../kernel/ids.ts';
import { countSchema, millisecondsSchema, type Schema } from '../kernel/messages.ts';
import type { RoundOrder, RoundOutcome } from '../kernel/round.ts';
import { unlessCallError } from './background.ts';

interface Budget {
  /** How long the receiver may take with its children. */
  readonly budgetMs: number;
  /** How much less time its children have. */
  readonly stepMs: number;
}

export interface Gather extends Budget {
  readonly round: number;
  /** Servers that did not answer earlier in this command. */
  readonly avoid: NodeId[];
}

export interface Gathered<S> {
  /** Null if the server was in the round already, or in a later one. */
  readonly store: S | null;
  readonly reached: NodeId[];
  readonly missing: NodeId[];
}

export interface Spread<S> extends Budget {
  readonly round: number;
  readonly store: S;
}

/** The two messages of a round; `store` is the schema of a store on the wire. */
export function roundMessages<const S extends Schema>(store: S) {
  const servers = v.array(nodeIdSchema);
  const ofRound = {
    round: countSchema,
    budgetMs: millisecondsSchema,
    stepMs: millisecondsSchema,
  };
  return {
    gather: {
      from: 'server',
      to: 'server',
      about:
        'Stabilize, outward: become my child in this round; answer with the store of your subtree.',
      params: v.strictObject({ ...ofRound, avoid: servers }),
      result: v.strictObject({ store: v.nullable(store), reached: servers, missing: servers }),
    },
    spread: {
      from: 'server',
      to: 'server',
      about: 'Stabilize, downward: the merged store of all; spread it to your children.',
      params: v.strictObject({ ...ofRound, store }),
      result: v.strictObject({ reached: servers, missing: servers }),
    },
  } as const;
}

/** What the rounds need of a server; `S` is its store as it travels. */
export interface RoundMember<S> {
  /** The connected servers at this moment, each time that it is iterated. */
  readonly peers: Iterable<NodeId>;
  /** Throws a CallError if the store cannot travel: then this server is not reached. */
  store(): S;
  merge(store: S): void;
}

/** The part of a replica's Env that the rounds use; its table has `roundMessages`. */
export interface RoundEnv<S> {
  readonly self: Life;
  call(peer: NodeId, method: 'gather', params: Gather, timeoutMs: number): Promise<Gathered<S>>;
  call(peer: NodeId, method: 'spread', params: Spread<S>, timeoutMs: number): Promise<RoundOutcome>;
}

interface Round<S> {
  readonly number: number;
  /** Null for the root. */
  readonly parent: NodeId | null;
  readonly children: NodeId[];
  /** A copy of a message gets the answer of the first. */
  gathered?: Promise<Gathered<S>>;
  spread?: Promise<RoundOutcome>;
}

export class Rounds<S> {
  /** The handlers of `roundMessages`. */
  readonly handlers = {
    gather: (from: NodeId, params: Gather) => this.gather(from, params),
    spread: (from: NodeId, params: Spread<S>) => this.spread(from, params),
  };
  readonly #env: RoundEnv<S>;
  readonly #member: RoundMember<S>;
  #current: Round<S> = { number: 0, parent: null, children: [] };

  constructor(env: RoundEnv<S>, member: RoundMember<S>) {
    this.#env = env;
    this.#member = member;
  }

  /** Runs a round with this server as its root. Half of the budget is for each direction. */
  async stabilize(order: RoundOrder): Promise<RoundOutcome> {
    const round: Round<S> = { number: order.round, parent: null, children: [] };
    this.#current = round;
    const budgetMs = order.budgetMs / 2;
    const budget = { budgetMs, stepMs: budgetMs / (order.known.length + 1) };
    const gathered = await this.#gather(round, order.avoid, budget);
    const { reached, missing } = await this.#spread(round, budget);
    const silent = new Set([...gathered.missing, ...missing]);
    return { reached, missing: [...silent].filter((id) => !reached.includes(id)) };
  }

  /** Handles `gather`: joins the round as a child of `from`, unless it is too late for that. */
  async gather(from: NodeId, { round: number, avoid, ...budget }: Gather): Promise<Gathered<S>> {
    if (number > this.#current.number) {
      this.#current = { number, parent: from, children: [] };
      const gathering = this.#gather(this.#current, avoid, budget);
      this.#current.gathered = gathering.then((outcome) => {
        return { store: this.#member.store(), ...outcome };
      });
    }
    const { gathered } = this.#current;
    const isCopy = gathered !== undefined && this.#isIn(number, from);
    return isCopy ? gathered : { store: null, reached: [], missing: [] };
  }

  /** Handles `spread`. One of a round that this server is not in reaches no server. */
  async spread(from: NodeId, { round, store, ...budget }: Spread<S>): Promise<RoundOutcome> {
    if (!this.#isIn(round, from)) return { reached: [], missing: [] };
    if (this.#current.spread === undefined) {
      this.#member.merge(store);
      this.#current.spread = this.#spread(this.#current, budget);
    }
    return this.#current.spread;
  }

  #isIn(number: number, parent: NodeId): boolean {
    return this.#current.number === number && this.#current.parent === parent;
  }

  async #gather(round: Round<S>, avoid: NodeId[], budget: Budget): Promise<RoundOutcome> {
    const reached = [this.#env.self.id];
    const missing: NodeId[] = [];
    const params = { round: round.number, avoid, ...below(budget) };
    const ask = async (peer: NodeId): Promise<void> => {
      const call = this.#env.call(peer, 'gather', params, budget.budgetMs);
      const answer = await unlessCallError(call);
      if (answer === undefined) missing.push(peer);
      if (answer === undefined || answer.store === null) return;
      this.#member.merge(answer.store);
      round.children.push(peer);
      reached.push(...answer.reached);
      missing.push(...answer.missing);
    };
    const peers = [...this.#member.peers];
    await Promise.all(peers.filter((id) => id !== round.parent && !avoid.includes(id)).map(ask));
    return { reached, missing };
  }

  async #spread(round: Round<S>, budget: Budget): Promise<RoundOutcome> {
    const reached = [this.#env.self.id];
    const missing: NodeId[] = [];
    const ask = async (child: NodeId): Promise<RoundOutcome> => {
      const params = { round: round.number, store: this.#member.store(), ...below(budget) };
      return this.#env.call(child, 'spread', params, budget.budgetMs);
    };
    const tell = async (child: NodeId): Promise<void> => {
      const answer = await unlessCallError(ask(child));
      if (!answer?.reached.includes(child)) missing.push(child);
      reached.push(...(answer?.reached ?? []));
      missing.push(...(answer?.missing ?? []));
    };
    await Promise.all(round.children.map(tell));
    return { reached, missing };
  }
}

function below({ budgetMs, stepMs }: Budget): Budget {
  return { budgetMs: Math.max(0, budgetMs - stepMs), stepMs };
}

// Takes requests: has them coordinated here, or passes them on to a server that may.
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import { LatestAttempts } from '../../replication/latestAttempt.ts';
import type { Tasks } from '../../replication/tasks.ts';
import type { Bootstrap } from './bootstrap.ts';
import { unavailable } from './errors.ts';
import type { Passed } from './facts.ts';
import type { HandOff } from './handOff.ts';
import type { Journal } from './journal.ts';
import type { QuorumMessages } from './messages.ts';
import { HOP_MS } from './options.ts';
import { isSilence, type Peers } from './peers.ts';
import { Reader } from './reader.ts';
import { Replicas } from './replicas.ts';
import type { QuorumState } from './state.ts';
import { Writer } from './writer.ts';

type Params<K extends keyof QuorumMessages> = ParamsOf<QuorumMessages, K>;
type Result<K extends keyof QuorumMessages> = ResultOf<QuorumMessages, K>;

export class Coordinator {
  readonly #env: Env<QuorumMessages, 'server'>;
  readonly #state: QuorumState;
  readonly #peers: Peers;
  readonly #handOff: HandOff;
  readonly #tasks: Tasks;
  readonly #bootstrap: Bootstrap;
  readonly #writer: Writer;
  readonly #reader: Reader;
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
    this.#state = parts.journal.state;
    this.#peers = parts.peers;
    this.#handOff = parts.handOff;
    this.#tasks = parts.tasks;
    this.#bootstrap = parts.bootstrap;
    const replicas = new Replicas(parts);
    this.#writer = new Writer(env, { ...parts, replicas });
    this.#reader = new Reader(env, { ...parts, state: this.#state, replicas });
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
      // It may have turned out to be dead meanwhile.
      const isBelieved = this.#state.isAlive(server);
      if (!isBelieved) continue;
      this.#env.observe?.({ kind: 'passed on', to: server, isBelieved } satisfies Passed);
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
    this.#state.clock.witness(params.clock);
    await this.#askDoubtful('write', params);
    return this.#writer.put(params);
  }

  /** Reads again if servers have refused the ring, and this server has a later one by now. */
  async #get(params: Params<'get'>): Promise<Result<'get'>> {
    await this.#bootstrap.needRing();
    this.#state.clock.witness(params.clock);
    const { ring } = this.#state;
    try {
      await this.#askDoubtful('read', params);
      return await this.#reader.get(params);
    } catch (error) {
      if (!(error instanceof CallError) || this.#state.ring === ring) throw error;
      return this.#get(params);
    }
  }

  /** Suspected servers may be back: before a request is refused, they are asked once more. */
  async #askDoubtful(
    kind: 'read' | 'write',
    { key, level }: Pick<Params<'get'>, 'key' | 'level'>,
  ): Promise<void> {
    const doubtful = this.#state.doubtful(kind, key, level);
    await Promise.all(doubtful.map((id) => this.#handOff.announce(id, HOP_MS)));
  }
}

// Calls between servers. Each carries the clock, and tells its server whether the peer is alive.
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Json } from '../../kernel/json.ts';
import {
  checkResult,
  type MethodFrom,
  type MethodTo,
  type ParamsOf,
  type ResultOf,
} from '../../kernel/messages.ts';
import { messages, type QuorumMessages } from './messages.ts';
import type { QuorumState } from './state.ts';

type PeerMethod = MethodFrom<QuorumMessages, 'server'> & MethodTo<QuorumMessages, 'server'>;
export type RelayedMethod = ParamsOf<QuorumMessages, 'relay'>['method'];
type Params<K extends PeerMethod> = Omit<ParamsOf<QuorumMessages, K>, 'clock'>;

export class Peers {
  /** Called when a server is heard to which a call had failed. */
  onBack: (peer: NodeId) => void = () => undefined;
  /** Called when a peer has refused a call for its ring. The call fails when this has resolved. */
  onStaleRing: () => Promise<void> = () => Promise.resolve();
  readonly #env: Env<QuorumMessages, 'server'>;
  readonly #state: QuorumState;

  constructor(env: Env<QuorumMessages, 'server'>, state: QuorumState) {
    this.#env = env;
    this.#state = state;
  }

  /**
   * Calls a server with this server's clock. A call that fails may make the peer suspected; an
   * error that the peer has answered shows that it is alive.
   */
  async call<K extends PeerMethod>(
    peer: NodeId,
    method: K,
    params: Params<K>,
    timeoutMs: number,
  ): Promise<ResultOf<QuorumMessages, K>> {
    const { clock, liveness } = this.#state;
    try {
      const sent = { ...params, clock: clock.time } as unknown as ParamsOf<QuorumMessages, K>;
      const reply = await this.#env.call(peer, method, sent, timeoutMs);
      this.#state.clock.witnessAnswer(reply.clock);
      this.#isThere(peer);
      return reply;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      if (isSilence(error)) liveness.failed(peer);
      else this.#isThere(peer);
      if (error.code === 'ERR_STALE_RING') await this.onStaleRing();
      throw error;
    }
  }

  /** As `call`, over other servers if the route has more than one. Suspects only the first. */
  async callVia<K extends RelayedMethod>(
    route: readonly NodeId[],
    method: K,
    params: Params<K>,
    timeoutMs: number,
  ): Promise<ResultOf<QuorumMessages, K>> {
    const [first, ...others] = route;
    if (first === undefined) throw new CallError('ERR_NOT_CONNECTED', 'a route of no server');
    if (others.length === 0) return this.call(first, method, params, timeoutMs);
    const { result } = await this.call(
      first,
      'relay',
      {
        origin: this.#env.self.id,
        route: others,
        method,
        params: { ...params, clock: this.#state.clock.time } as unknown as Json,
        budgetMs: timeoutMs,
      },
      timeoutMs,
    );
    return checkResult(messages, method, result) as ResultOf<QuorumMessages, K>;
  }

  /** Hands a relayed message on to the next server of its route. */
  handOn(relay: ParamsOf<QuorumMessages, 'relay'>): Promise<ResultOf<QuorumMessages, 'relay'>> {
    const [next, ...route] = relay.route;
    if (next === undefined) throw new CallError('E_BAD_REQUEST', 'a route of no server');
    return this.call(next, 'relay', { ...relay, route }, relay.budgetMs);
  }

  /** To be called for each message of a peer. Throws E_CLOCK_JUMP. */
  heard(peer: NodeId, clock: number): void {
    this.#state.clock.witness(clock);
    this.#isThere(peer);
  }

  #isThere(peer: NodeId): void {
    if (this.#state.liveness.heard(peer)) this.onBack(peer);
  }
}

/** Whether nothing was heard of the peer. */
export function isSilence({ code }: CallError): boolean {
  return code === 'ERR_UNREACHABLE' || code === 'ERR_NOT_CONNECTED';
}

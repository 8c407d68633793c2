// The client's half of the causal protocol: picks a server, keeps the session's guarantees.
import { fromVersionTuple, toVersionTuple } from '../../clocks/version.ts';
import type { Answer } from '../../kernel/control.ts';
import type { Env } from '../../kernel/env.ts';
import { CallError, type CallErrorCode } from '../../kernel/errors.ts';
import type { VectorTuples } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { CALL_TIMEOUT_MS, OPERATION_DEADLINE_MS } from '../../kernel/limits.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import type { Options, Session } from '../../kernel/protocol.ts';
import { randomBelow } from '../../kernel/random.ts';
import type { CausalMessages } from './messages.ts';
import { SessionState } from './sessionState.ts';

/** Calls take a little longer than their timeout on a real machine. */
const MARGIN_MS = CALL_TIMEOUT_MS / 4;

export function createCausalSession(
  env: Env<CausalMessages, 'client'>,
  _options: Options,
  guarantees: readonly string[],
): Session<CausalMessages> {
  return new CausalSession(env, guarantees.includes('causal'));
}

class CausalSession implements Session<CausalMessages> {
  readonly handlers = {};
  readonly state: SessionState;
  readonly #env: Env<CausalMessages, 'client'>;
  /** Those that are connected, by ascending id. */
  #servers: readonly NodeId[] = [];
  #writes = 0;

  constructor(env: Env<CausalMessages, 'client'>, isCausal: boolean) {
    this.#env = env;
    this.state = new SessionState(isCausal);
  }

  connected(server: NodeId): void {
    this.disconnected(server);
    this.#servers = [...this.#servers, server].sort((a, b) => a - b);
  }

  disconnected(server: NodeId): void {
    this.#servers = this.#servers.filter((id) => id !== server);
  }

  put(key: string, value: string): Promise<Answer> {
    return this.#write(key, value);
  }

  delete(key: string): Promise<Answer> {
    return this.#write(key, null);
  }

  /**
   * A read changes nothing, so while there is time it may be asked of one server after the other,
   * until one answers.
   */
  async get(key: string): Promise<Answer> {
    const lastTryAt = this.#env.now() + OPERATION_DEADLINE_MS - CALL_TIMEOUT_MS - MARGIN_MS;
    const tried: NodeId[] = [];
    for (;;) {
      const server = this.#env.now() > lastTryAt ? undefined : this.#choose(tried);
      if (server === undefined) return noAnswer(tried.length === 0 ? 'fail' : 'unknown');
      tried.push(server);
      const dependsOn = this.state.dependsOn(key);
      const reply = await this.#ask(server, 'read', {
        key,
        dependsOn: dependsOn === undefined ? null : toVersionTuple(dependsOn),
        guard: this.#guard(),
        clock: this.state.clock.time,
      });
      if (reply instanceof CallError) continue;
      const { status: outcome, value, version, applied } = reply;
      if (outcome !== 'stale') {
        const got = version === null ? undefined : fromVersionTuple(version);
        this.state.hasGot({ key, value, dependsOn, version: got });
      }
      return { outcome, value, server, version, applied };
    }
  }

  /**
   * A write goes to one server, twice at most: the second copy has the same count, so it applies
   * once. Another server must not be tried, because the first may have it.
   */
  async #write(key: string, value: string | null): Promise<Answer> {
    const server = this.#choose([]);
    if (server === undefined) return noAnswer('fail');
    this.#writes += 1;
    const { id, incarnation } = this.#env.self;
    const params: ParamsOf<CausalMessages, 'write'> = {
      session: [id, incarnation],
      seq: this.#writes,
      key,
      value,
      guard: this.#guard(),
      clock: this.state.clock.time,
    };
    const first = await this.#ask(server, 'write', params);
    if (first instanceof CallError && first.definite) return noAnswer('fail', first.code);
    const reply = first instanceof CallError ? await this.#ask(server, 'write', params) : first;
    if (reply instanceof CallError) return noAnswer('unknown', reply.code);
    const { status: outcome, version, applied } = reply;
    if (version !== null) this.state.hasPut(key, fromVersionTuple(version));
    return { outcome, value: null, server, version, applied };
  }

  #guard(): VectorTuples | null {
    return this.state.guard?.toTuples() ?? null;
  }

  /**
   * One of the connected servers that were not tried, by a seeded choice that the trace records.
   */
  #choose(tried: readonly NodeId[]): NodeId | undefined {
    const servers =
      tried.length === 0 ? this.#servers : this.#servers.filter((id) => !tried.includes(id));
    if (servers.length <= 1) return servers[0];
    const server = servers[randomBelow(() => this.#env.random(), servers.length)] as NodeId;
    this.#env.note('choose', { server, of: servers });
    return server;
  }

  #ask<K extends 'read' | 'write'>(
    server: NodeId,
    method: K,
    params: ParamsOf<CausalMessages, K>,
  ): Promise<ResultOf<CausalMessages, K> | CallError> {
    return this.#env.call(server, method, params).then(this.#judge, asCallError);
  }

  /** An answer with an absurd clock is as good as none; what was asked for may have happened. */
  readonly #judge = <R extends { readonly clock: number }>(reply: R): R | CallError => {
    try {
      this.state.clock.witness(reply.clock);
      return reply;
    } catch (error) {
      asCallError(error);
      return new CallError('ERR_UNREACHABLE', 'a clock jump');
    }
  };
}

/** Throws what is none. */
function asCallError(error: unknown): CallError {
  if (error instanceof CallError) return error;
  throw error;
}

function noAnswer(outcome: 'fail' | 'unknown', error?: CallErrorCode): Answer {
  const why = error === undefined ? {} : { error };
  return { outcome, value: null, server: null, version: null, applied: null, ...why };
}

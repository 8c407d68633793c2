// The session of the quorum protocol: picks a server, names the level, carries the clock.
import { LamportClock } from '../../clocks/lamport.ts';
import { fromVersionTuple } from '../../clocks/version.ts';
import type { Answer } from '../../kernel/control.ts';
import type { Env } from '../../kernel/env.ts';
import type { VersionTuple } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { OPERATION_DEADLINE_MS } from '../../kernel/limits.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import type { Options, Session } from '../../kernel/protocol.ts';
import { type Asked, askServers, chooseServer } from '../../replication/askServers.ts';
import { type AttemptPolicy, unanswered } from '../../replication/attempts.ts';
import { ServerChoice } from '../../replication/serverChoice.ts';
import type { Answered, Refused } from './facts.ts';
import { countOf, type Level, levelOf } from './levels.ts';
import type { QuorumMessages } from './messages.ts';
import { HOP_MS, readSettings, type Settings } from './options.ts';

/**
 * A put that was sent is never repeated: its coordinator may have done it. Another server is asked
 * only if the first certainly received nothing.
 */
const WRITES: AttemptPolicy = {
  lastAfterMs: OPERATION_DEADLINE_MS,
  pauseMs: 0,
  isRepeated: false,
  isFinal: ({ code }) => code !== 'ERR_NOT_CONNECTED',
};

export function createQuorumSession(
  env: Env<QuorumMessages, 'client'>,
  options: Options,
): Session<QuorumMessages> {
  return new QuorumSession(env, readSettings(options));
}

class QuorumSession implements Session<QuorumMessages> {
  readonly handlers = {};
  readonly state = { clock: new LamportClock() };
  readonly #env: Env<QuorumMessages, 'client'>;
  readonly #settings: Settings;
  readonly #servers = new ServerChoice();
  #writes = 0;

  constructor(env: Env<QuorumMessages, 'client'>, settings: Settings) {
    this.#env = env;
    this.#settings = settings;
  }

  connected(server: NodeId): void {
    this.#servers.connected(server);
  }

  disconnected(server: NodeId): void {
    this.#servers.disconnected(server);
  }

  put(key: string, value: string, modifiers: readonly string[]): Promise<Answer> {
    return this.#write(key, value, levelOf(modifiers));
  }

  delete(key: string, modifiers: readonly string[]): Promise<Answer> {
    return this.#write(key, null, levelOf(modifiers));
  }

  async get(key: string, modifiers: readonly string[]): Promise<Answer> {
    const level = levelOf(modifiers);
    const asked = await this.#ask(this.#reads, (server) =>
      this.#call(server, 'get', { key, level, clock: this.state.clock.time }),
    );
    if ('outcome' in asked) return unanswered(asked);
    const { coordinator: server, value, version } = asked.result;
    this.#saw('answered get', { key, value, version }, level ?? this.#settings.read);
    const outcome = value === null ? 'absent' : 'ok';
    return { outcome, value, server, version, applied: null };
  }

  async #write(key: string, value: string | null, level: Level | null): Promise<Answer> {
    this.#writes += 1;
    const { id, incarnation } = this.#env.self;
    const request = { session: [id, incarnation] as [number, number], seq: this.#writes };
    const asked = await this.#ask(WRITES, (server) =>
      this.#call(server, 'put', { ...request, key, value, level, clock: this.state.clock.time }),
    );
    if ('outcome' in asked) {
      const refused: Refused = { kind: 'refused put', seq: request.seq };
      if (asked.outcome === 'fail') this.#env.observe?.(refused);
      return unanswered(asked);
    }
    const { coordinator: server, version } = asked.result;
    this.#saw('answered put', { key, value, version }, level ?? this.#settings.write);
    return { outcome: 'ok', value: null, server, version, applied: null };
  }

  /** The coordinator may be another server, one hop away. */
  get #timeoutMs(): number {
    return this.#settings.timeoutMs + 2 * HOP_MS;
  }

  /** A read has no effect, so each connected server may be asked in turn, while there is time. */
  get #reads(): AttemptPolicy {
    const lastAfterMs = Math.max(0, OPERATION_DEADLINE_MS - HOP_MS - this.#timeoutMs);
    return { lastAfterMs, pauseMs: 0, isRepeated: false, isFinal: () => false };
  }

  #ask<T>(policy: AttemptPolicy, call: (server: NodeId) => Promise<T>): Promise<Asked<T>> {
    return askServers(
      this.#env,
      policy,
      (tried) => chooseServer(this.#env, this.#servers, tried),
      call,
    );
  }

  async #call<K extends 'get' | 'put'>(
    server: NodeId,
    method: K,
    params: ParamsOf<QuorumMessages, K>,
  ): Promise<ResultOf<QuorumMessages, K>> {
    const reply = await this.#env.call(server, method, params, this.#timeoutMs);
    this.state.clock.witnessAnswer(reply.clock);
    return reply;
  }

  #saw(
    kind: Answered['kind'],
    seen: { key: string; value: string | null; version: VersionTuple | null },
    level: Level,
  ): void {
    const { n } = this.#settings;
    const version = seen.version === null ? undefined : fromVersionTuple(seen.version);
    const fact: Answered = { ...seen, kind, version, count: countOf(level, n), n };
    this.#env.observe?.(fact);
  }
}

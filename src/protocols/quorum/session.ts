// The session of the quorum protocol: picks a server, names the level, carries the clock.
import { CausalContext } from '../../clocks/causalContext.ts';
import { LamportClock } from '../../clocks/lamport.ts';
import { compareVersions, fromVersionTuple, toVersionTuple } from '../../clocks/version.ts';
import type { Answer } from '../../kernel/control.ts';
import type { Env } from '../../kernel/env.ts';
import type { ContextTuples } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { OPERATION_DEADLINE_MS } from '../../kernel/limits.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import type { Options, Session } from '../../kernel/protocol.ts';
import { type Asked, askServers, chooseServer } from '../../replication/askServers.ts';
import { type AttemptPolicy, unanswered } from '../../replication/attempts.ts';
import { ServerChoice } from '../../replication/serverChoice.ts';
import type { Answered, Asked as Asks, Refused } from './facts.ts';
import { type Level, levelOf } from './levels.ts';
import type { QuorumMessages } from './messages.ts';
import { HOP_MS, readSettings, type Settings } from './options.ts';
import { unpackWrite, type Write } from './write.ts';

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
  /**
   * By key: what the last answer included. The next write of the key replaces that, and nothing
   * else. Null with `versions=lww`.
   */
  readonly #contextByKey = new Map<string, ContextTuples | null>();
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
    const { coordinator: server, context } = asked.result;
    const writes = asked.result.writes.map(unpackWrite);
    this.#saw('answered get', key, context, { writes, level: level ?? this.#settings.read });
    return { server, ...answerOf(writes, context) };
  }

  async #write(key: string, value: string | null, level: Level | null): Promise<Answer> {
    this.#writes += 1;
    const { id, incarnation } = this.#env.self;
    const context = this.#contextByKey.get(key) ?? null;
    const request = { session: [id, incarnation] as [number, number], seq: this.#writes };
    const asks: Asks = { kind: 'asks put', seq: request.seq, key, known: context };
    this.#env.observe?.(asks);
    const asked = await this.#ask(WRITES, (server) => {
      const clock = this.state.clock.time;
      return this.#call(server, 'put', { ...request, key, value, context, level, clock });
    });
    if ('outcome' in asked) {
      const refused: Refused = { kind: 'refused put', seq: request.seq };
      if (asked.outcome === 'fail') this.#env.observe?.(refused);
      return unanswered(asked);
    }
    const { coordinator: server, version, context: made } = asked.result;
    const write: Write = {
      ...{ key, value, version: fromVersionTuple(version) },
      context: made && CausalContext.fromTuples(made),
    };
    const counted = { writes: [write], level: level ?? this.#settings.write };
    this.#saw('answered put', key, made, counted);
    return { outcome: 'ok', value: null, server, version, applied: null, ...given(made) };
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
    key: string,
    context: ContextTuples | null,
    { writes, level }: { readonly writes: readonly Write[]; readonly level: Level },
  ): void {
    this.#contextByKey.set(key, context);
    const { isSloppy } = this.#settings;
    const fact: Answered = { kind, key, writes, level, isSloppy };
    this.#env.observe?.(fact);
  }
}

function given(context: ContextTuples | null): { context?: ContextTuples } {
  return context === null ? {} : { context };
}

/** The answer to a get that has found these writes. */
function answerOf(writes: readonly Write[], context: ContextTuples | null): Omit<Answer, 'server'> {
  const sorted = [...writes].sort(byValue);
  const siblings = sorted.map(({ value, version }) => ({
    value,
    version: toVersionTuple(version),
  }));
  const [first = { value: null, version: null }] = siblings;
  const outcome = first.value === null ? 'absent' : 'ok';
  const several = outcome === 'ok' && siblings.length > 1 && { siblings };
  return { outcome, ...first, applied: null, ...given(context), ...several };
}

/** By value in code units, then by version; tombstones last, the greatest first. */
function byValue(a: Write, b: Write): number {
  const order = compareVersions(a.version, b.version);
  if (a.value === null || b.value === null) {
    return a.value === b.value ? -order : Number(a.value === null) - Number(b.value === null);
  }
  if (a.value === b.value) return order;
  return a.value < b.value ? -1 : 1;
}

// The session of the sharded protocol: finds the server that a request is for, numbers its
// requests, and repeats them. A copy of a request applies once.
import type { Answer } from '../../kernel/control.ts';
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { CALL_TIMEOUT_MS, OPERATION_DEADLINE_MS } from '../../kernel/limits.ts';
import type { ResultOf } from '../../kernel/messages.ts';
import type { Options, Session } from '../../kernel/protocol.ts';
import { randomOf } from '../../kernel/random.ts';
import { pause, unlessCallError } from '../../replication/background.ts';
import { answerOfCas } from '../../replication/compareAndSet.ts';
import { CALL_MS, REPORT_MS, RETRY_MS } from '../../replication/timing.ts';
import { type Configuration, ownerOf, serversOf } from './configuration.ts';
import { NO_OWNER, VALUE_LIMIT, WRONG_OWNER } from './errors.ts';
import type { ShardedMessages } from './messages.ts';
import type { Kind } from './operations.ts';
import { readSettings, type Settings } from './options.ts';
import { refuseKey, slotOf } from './placement.ts';

/** On a real machine a call may end a little after its timeout. */
const MARGIN_MS = CALL_TIMEOUT_MS / 4;
/** A request without an answer after this time is repeated, perhaps at another server. */
const TRY_MS = CALL_TIMEOUT_MS / 2 + CALL_MS / 2;

const FINAL = new Set<string>(['E_BAD_REQUEST', VALUE_LIMIT, 'E_STORAGE']);

interface Target {
  readonly server: NodeId;
  readonly number: number;
}

export function createShardedSession(
  env: Env<ShardedMessages, 'client'>,
  options: Options,
): Session<ShardedMessages> {
  return new ShardedSession(env, readSettings(options));
}

class ShardedSession implements Session<ShardedMessages> {
  readonly handlers = {};
  readonly state: { configuration: Configuration | undefined } = { configuration: undefined };
  readonly #env: Env<ShardedMessages, 'client'>;
  readonly #settings: Settings;
  readonly #linked = new Set<NodeId>();
  #requests = 0;
  /** When a server that is not linked was reported to the shard master. */
  #reportedAt = Number.NEGATIVE_INFINITY;
  readonly #open = new Set<number>();

  constructor(env: Env<ShardedMessages, 'client'>, settings: Settings) {
    this.#env = env;
    this.#settings = settings;
  }

  connected(server: NodeId): void {
    this.#linked.add(server);
  }

  disconnected(server: NodeId): void {
    this.#linked.delete(server);
  }

  put(key: string, value: string): Promise<Answer> {
    return this.#write('put', key, value);
  }

  delete(key: string): Promise<Answer> {
    return this.#write('delete', key, null);
  }

  command(name: string, [key = '', value = '', other = '']: readonly string[]): Promise<Answer> {
    if (name === 'cas') return this.#write('cas', key, other, value);
    if (name === 'lpop') return this.#write('popLeft', key, null);
    if (name === 'rpop') return this.#write('popRight', key, null);
    const isLeft = this.#settings.appendSide === 'left';
    return this.#write(isLeft ? 'appendLeft' : 'appendRight', key, value);
  }

  get(key: string): Promise<Answer> {
    return this.#ask(key, true, async ({ server, number }, timeoutMs) => {
      const { value, version } = await this.#env.call(server, 'read', { number, key }, timeoutMs);
      const outcome = value === null ? 'absent' : 'ok';
      return { outcome, value, server, version, applied: null };
    });
  }

  async #write(kind: Kind, key: string, value: string | null, expected?: string): Promise<Answer> {
    this.#requests += 1;
    const seq = this.#requests;
    this.#open.add(seq);
    const { id, incarnation } = this.#env.self;
    let attempt = 0;
    const answer = await this.#ask(key, false, async ({ server, number }, timeoutMs) => {
      attempt += 1;
      const session: [number, number] = [id, incarnation];
      // All up to this one have been answered, or given up.
      const ended = Math.min(...this.#open) - 1;
      const compared = expected !== undefined && { expected };
      const params = { number, session, seq, attempt, ended, kind, key, value, ...compared };
      const result = await this.#env.call(server, 'write', params, timeoutMs);
      if (result.outcome === 'tooLarge') throw new CallError(VALUE_LIMIT);
      return answerOf({ kind, value }, server, result);
    });
    this.#open.delete(seq);
    return answer;
  }

  /** Asks until a server answers, or the time is over. */
  async #ask(
    key: string,
    isRead: boolean,
    call: (target: Target, timeoutMs: number) => Promise<Answer>,
  ): Promise<Answer> {
    const env = this.#env;
    const until = env.now() + OPERATION_DEADLINE_MS - MARGIN_MS;
    let failure: CallError | undefined;
    let isDoubtful = false;
    let silent: NodeId | null = null;
    for (let isFirst = true; env.now() < until; isFirst = false) {
      const target = await this.#target(key, isRead, { isFirst, silent });
      silent = null;
      const timeoutMs = Math.min(TRY_MS, until - env.now());
      if (target !== undefined && timeoutMs > 0) {
        try {
          return await call(target, timeoutMs);
        } catch (error) {
          if (!(error instanceof CallError)) throw error;
          failure = error;
          isDoubtful ||= !error.definite;
          if (FINAL.has(error.code)) break;
          if (this.#isToReport(error)) silent = target.server;
          if (error.code === WRONG_OWNER && this.#isNewer(error)) continue;
        }
      }
      await pause(env, RETRY_MS);
    }
    const outcome = isDoubtful && !isRead ? 'unknown' : 'fail';
    const isFinal = failure !== undefined && FINAL.has(failure.code);
    const error = isFinal ? { error: failure?.code ?? NO_OWNER } : {};
    return { outcome, value: null, server: null, version: null, applied: null, ...error } as Answer;
  }

  /** A server that is silent or not linked may be cut off from the others too. */
  #isToReport({ code }: CallError): boolean {
    if (code === 'ERR_UNREACHABLE') return true;
    const now = this.#env.now();
    if (code !== 'ERR_NOT_CONNECTED' || now - this.#reportedAt < REPORT_MS) return false;
    this.#reportedAt = now;
    return true;
  }

  /** Whether the server that refused knows a later configuration than this session. */
  #isNewer({ data }: CallError): boolean {
    const { number = 0 } = (data ?? {}) as { number?: number };
    return number > (this.state.configuration?.number ?? 0);
  }

  /** The server to be asked, linked if possible; undefined if there is none. */
  async #target(
    key: string,
    isRead: boolean,
    { isFirst, silent }: { readonly isFirst: boolean; readonly silent: NodeId | null },
  ): Promise<Target | undefined> {
    const env = this.#env;
    if (!this.#settings.isCached) {
      const asked = env.callService('where', { key, isRead, silent }, CALL_MS);
      const { number, servers } = (await unlessCallError(asked)) ?? { number: 0, servers: [] };
      return this.#choose(servers, number);
    }
    const known = this.state.configuration;
    if (known === undefined || !isFirst) {
      const params = { number: known?.number ?? 0, silent };
      const asked = env.callService('configuration', params, CALL_MS);
      const answer = await unlessCallError(asked);
      if (answer?.configuration != null) this.state.configuration = answer.configuration;
    }
    const { configuration } = this.state;
    if (configuration === undefined) return undefined;
    const { partition, number } = configuration;
    if (refuseKey(partition, key) !== undefined) return undefined;
    const owner = ownerOf(configuration, slotOf(partition, key));
    if (owner === undefined) return undefined;
    const primary = owner.primary === null ? [] : [owner.primary];
    return this.#choose(isRead ? serversOf(owner) : primary, number);
  }

  /**
   * A random server (seeded) of those that are linked, or else the first. The trace records a
   * choice of several.
   */
  #choose(servers: readonly NodeId[], number: number): Target | undefined {
    const linked = servers.filter((id) => this.#linked.has(id)).sort((a, b) => a - b);
    const server = randomOf(() => this.#env.random(), linked) ?? servers[0];
    if (server !== undefined && linked.length > 1) this.#env.note('choose', { server, of: linked });
    return server === undefined ? undefined : { server, number };
  }
}

function answerOf(
  { kind, value: written }: { readonly kind: Kind; readonly value: string | null },
  server: NodeId,
  { outcome, value, version, found }: ResultOf<ShardedMessages, 'write'>,
): Answer {
  const isPop = kind === 'popLeft' || kind === 'popRight';
  const rest = { server, version, applied: null };
  if (kind === 'cas') {
    const isSet = outcome === 'done';
    const decided = { isSet, version, ...(found && { found }) };
    return { ...answerOfCas(server, written ?? '', decided), applied: null };
  }
  if (!isPop) return { outcome: 'ok', value: null, ...rest };
  return { outcome: outcome === 'absent' ? 'absent' : 'ok', value, ...rest };
}

// The client's half of the chain protocol: numbers its requests, picks a server, tries again.

import type { Version } from '../../clocks/version.ts';
import { fromVersionTuple } from '../../clocks/version.ts';
import type { Answer, Dump } from '../../kernel/control.ts';
import type { Env } from '../../kernel/env.ts';
import { CallError, type CallErrorCode } from '../../kernel/errors.ts';
import type { VersionTuple } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { CALL_TIMEOUT_MS, OPERATION_DEADLINE_MS } from '../../kernel/limits.ts';
import type { ParamsOf } from '../../kernel/messages.ts';
import type { Session } from '../../kernel/protocol.ts';
import { randomBelow } from '../../kernel/random.ts';
import { pause } from './failures.ts';
import type { ChainMessages } from './messages.ts';
import type { Page } from './page.ts';
import { RETRY_MS } from './timing.ts';

/** Calls take a little longer than their timeout on a real machine. */
const MARGIN_MS = CALL_TIMEOUT_MS / 4;

const FINAL: ReadonlySet<CallErrorCode> = new Set(['E_BAD_REQUEST', 'E_TOO_LARGE', 'E_STORAGE']);

/** What a session has seen last, for the invariants. */
export interface Seen {
  readonly kind: 'read' | 'write';
  readonly key: string;
  readonly value: string | null;
  readonly version: Version | undefined;
}

export function createChainSession(env: Env<ChainMessages>): Session<ChainMessages> {
  return new ChainSession(env);
}

interface Failure {
  readonly outcome: 'fail' | 'unknown';
  /** Where a server has refused it for good. */
  readonly error?: CallErrorCode;
}

type Outcome<T> = { readonly server: NodeId; readonly result: T } | Failure;

class ChainSession implements Session<ChainMessages> {
  readonly handlers = {};
  readonly state: { lastSeen: Seen | undefined } = { lastSeen: undefined };
  readonly #env: Env<ChainMessages>;
  readonly #servers = new Set<NodeId>();
  #writes = 0;

  constructor(env: Env<ChainMessages>) {
    this.#env = env;
  }

  connected(server: NodeId): void {
    this.#servers.add(server);
  }

  disconnected(server: NodeId): void {
    this.#servers.delete(server);
  }

  put(key: string, value: string): Promise<Answer> {
    return this.#write(key, value);
  }

  delete(key: string): Promise<Answer> {
    return this.#write(key, null);
  }

  async get(key: string): Promise<Answer> {
    const outcome = await this.#ask((server, timeoutMs) =>
      this.#env.call(server, 'read', { key }, timeoutMs),
    );
    if ('outcome' in outcome) return noAnswer(outcome);
    const { server, result } = outcome;
    const { value, version } = result;
    this.#saw('read', key, value, version);
    return { outcome: value === null ? 'absent' : 'ok', value, server, version, applied: null };
  }

  /** What one server holds is shown by one: all pages come from that which gave the first. */
  async dump(scope: string): Promise<Dump> {
    const entries: [string, string][] = [];
    let only: NodeId | undefined;
    for (let after: string | null = null; ; ) {
      const params: ParamsOf<ChainMessages, 'dump'> = { scope: scope === '*' ? '*' : '@', after };
      const outcome: Outcome<Page> = await this.#ask(
        (server, timeoutMs) => this.#env.call(server, 'dump', params, timeoutMs),
        only,
      );
      if ('outcome' in outcome) return { ...outcome, entries: [] };
      if (scope !== '*') only = outcome.server;
      entries.push(...outcome.result.entries);
      after = outcome.result.next;
      if (after === null) return { outcome: 'ok', entries };
    }
  }

  /** Any server may be asked again, and another too: the request keeps its number (H7). */
  async #write(key: string, value: string | null): Promise<Answer> {
    this.#writes += 1;
    const { id, incarnation } = this.#env.self;
    let attempt = 0;
    const request: Omit<ParamsOf<ChainMessages, 'write'>, 'attempt'> = {
      session: [id, incarnation],
      seq: this.#writes,
      key,
      value,
    };
    const outcome = await this.#ask((server, timeoutMs) => {
      attempt += 1;
      return this.#env.call(server, 'write', { ...request, attempt }, timeoutMs);
    });
    if ('outcome' in outcome) return noAnswer(outcome);
    const { server, result } = outcome;
    this.#saw('write', key, value, result.version);
    return { outcome: 'ok', value: null, server, version: result.version, applied: null };
  }

  /**
   * Asks one connected server after the other, or `only` one, until one answers or the time is
   * over.
   */
  async #ask<T>(
    call: (server: NodeId, timeoutMs: number) => Promise<T>,
    only?: NodeId,
  ): Promise<Outcome<T>> {
    const env = this.#env;
    const until = env.now() + OPERATION_DEADLINE_MS - MARGIN_MS;
    const tried = new Set<NodeId>();
    let isDoubtful = false;
    const failure = (): Failure => ({ outcome: isDoubtful ? 'unknown' : 'fail' });
    for (;;) {
      const server = this.#choose(tried, only);
      if (server === undefined && tried.size === 0) return failure();
      if (server === undefined) tried.clear();
      else {
        tried.add(server);
        try {
          const result = await call(server, Math.min(CALL_TIMEOUT_MS, until - env.now()));
          return { server, result };
        } catch (error) {
          if (!(error instanceof CallError)) throw error;
          if (FINAL.has(error.code)) return { ...failure(), error: error.code };
          isDoubtful ||= !error.definite;
        }
        await pause(env, RETRY_MS);
      }
      if (env.now() + RETRY_MS >= until) return failure();
    }
  }

  /**
   * One of the connected servers that were not tried, by a seeded choice that the trace records.
   */
  #choose(tried: ReadonlySet<NodeId>, only: NodeId | undefined): NodeId | undefined {
    const servers = [...this.#servers]
      .filter((id) => !tried.has(id) && (only === undefined || id === only))
      .sort((a, b) => a - b);
    if (servers.length <= 1) return servers[0];
    const server = servers[randomBelow(() => this.#env.random(), servers.length)] as NodeId;
    this.#env.note('choose', { server, of: servers });
    return server;
  }

  #saw(kind: Seen['kind'], key: string, value: string | null, version: VersionTuple | null): void {
    const seen = version === null ? undefined : fromVersionTuple(version);
    this.state.lastSeen = { kind, key, value, version: seen };
  }
}

function noAnswer(failure: Failure): Answer {
  return { value: null, server: null, version: null, applied: null, ...failure };
}

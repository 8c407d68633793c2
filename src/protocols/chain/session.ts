// The session of the chain protocol: numbers its requests, picks a server, retries.

import type { Version } from '../../clocks/version.ts';
import { fromVersionTuple } from '../../clocks/version.ts';
import type { Answer, Dump } from '../../kernel/control.ts';
import type { Env } from '../../kernel/env.ts';
import type { CallErrorCode } from '../../kernel/errors.ts';
import type { VersionTuple } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { CALL_TIMEOUT_MS, OPERATION_DEADLINE_MS } from '../../kernel/limits.ts';
import type { ParamsOf } from '../../kernel/messages.ts';
import type { Session } from '../../kernel/protocol.ts';
import { type Asked, askServers, chooseServer } from '../../replication/askServers.ts';
import { type AttemptPolicy, type Failure, unanswered } from '../../replication/attempts.ts';
import { answerOfCas } from '../../replication/compareAndSet.ts';
import { ServerChoice } from '../../replication/serverChoice.ts';
import { RETRY_MS } from '../../replication/timing.ts';
import type { ChainMessages } from './messages.ts';
import type { Page } from './page.ts';

/** On a real machine a call may end a little after its timeout. */
const MARGIN_MS = CALL_TIMEOUT_MS / 4;

const FINAL: ReadonlySet<CallErrorCode> = new Set(['E_BAD_REQUEST', 'E_TOO_LARGE', 'E_STORAGE']);

/** For the invariants: an answer to a session. */
export interface Seen {
  readonly kind: 'answered read' | 'answered write';
  readonly key: string;
  readonly value: string | null;
  readonly version: Version | undefined;
}

/** Any server may be asked, more than once: all copies of a request have one number (H7). */
const POLICY: AttemptPolicy = {
  lastAfterMs: OPERATION_DEADLINE_MS - MARGIN_MS - RETRY_MS,
  pauseMs: RETRY_MS,
  isRepeated: true,
  isFinal: ({ code }) => FINAL.has(code),
};

export function createChainSession(env: Env<ChainMessages, 'client'>): Session<ChainMessages> {
  return new ChainSession(env);
}

class ChainSession implements Session<ChainMessages> {
  readonly handlers = {};
  readonly state = {};
  readonly #env: Env<ChainMessages, 'client'>;
  readonly #servers = new ServerChoice();
  #writes = 0;

  constructor(env: Env<ChainMessages, 'client'>) {
    this.#env = env;
  }

  connected(server: NodeId): void {
    this.#servers.connected(server);
  }

  disconnected(server: NodeId): void {
    this.#servers.disconnected(server);
  }

  put(key: string, value: string): Promise<Answer> {
    return this.#write(key, value);
  }

  delete(key: string): Promise<Answer> {
    return this.#write(key, null);
  }

  async get(key: string): Promise<Answer> {
    const asked = await this.#ask((server, timeoutMs) =>
      this.#env.call(server, 'read', { key }, timeoutMs),
    );
    if ('outcome' in asked) return unanswered(withoutAnswer(asked));
    const { server, result } = asked;
    const { value, version } = result;
    this.#saw('answered read', key, value, version);
    return { outcome: value === null ? 'absent' : 'ok', value, server, version, applied: null };
  }

  command(_cas: string, [key = '', expected = '', value = '']: readonly string[]): Promise<Answer> {
    return this.#write(key, value, expected);
  }

  /**
   * With `@` all pages come from the server that gave the first: they show what one server holds.
   */
  async dump(scope: string): Promise<Dump> {
    const entries: [string, string][] = [];
    let only: NodeId | undefined;
    for (let after: string | null = null; ; ) {
      const params: ParamsOf<ChainMessages, 'dump'> = { scope: scope === '*' ? '*' : '@', after };
      const outcome: Asked<Page> = await this.#ask(
        (server, timeoutMs) => this.#env.call(server, 'dump', params, timeoutMs),
        only,
      );
      if ('outcome' in outcome) return { ...withoutAnswer(outcome), entries: [] };
      if (scope !== '*') only = outcome.server;
      entries.push(...outcome.result.entries);
      after = outcome.result.next;
      if (after === null) return { outcome: 'ok', entries };
    }
  }

  async #write(key: string, value: string | null, expected?: string): Promise<Answer> {
    this.#writes += 1;
    const { id, incarnation } = this.#env.self;
    const request: Omit<ParamsOf<ChainMessages, 'write'>, 'attempt'> = {
      session: [id, incarnation],
      seq: this.#writes,
      key,
      value,
      ...(expected !== undefined && { expected }),
    };
    const asked = await this.#ask((server, timeoutMs, attempt) =>
      this.#env.call(server, 'write', { ...request, attempt }, timeoutMs),
    );
    if ('outcome' in asked) return unanswered(withoutAnswer(asked));
    const { server, result } = asked;
    const { version, isSet = true, found } = result;
    this.#saw('answered write', key, isSet ? value : null, version);
    if (value === null || expected === undefined)
      return { outcome: 'ok', value: null, server, version, applied: null };
    const decided = { isSet, version: isSet ? version : null, ...(found && { found }) };
    return { ...answerOfCas(server, value, decided), applied: null };
  }

  /**
   * Asks the connected servers in turn, or only the server `only`, until one answers or the time is
   * over.
   */
  #ask<T>(
    call: (server: NodeId, timeoutMs: number, attempt: number) => Promise<T>,
    only?: NodeId,
  ): Promise<Asked<T>> {
    const env = this.#env;
    const until = env.now() + OPERATION_DEADLINE_MS - MARGIN_MS;
    return askServers(
      env,
      POLICY,
      (tried) => chooseServer(env, this.#servers, tried, only),
      (server, attempt) => call(server, Math.min(CALL_TIMEOUT_MS, until - env.now()), attempt),
    );
  }

  #saw(kind: Seen['kind'], key: string, value: string | null, version: VersionTuple | null): void {
    const seen = version === null ? undefined : fromVersionTuple(version);
    this.#env.observe?.({ kind, key, value, version: seen } satisfies Seen);
  }
}

/** Keeps the error only if it is final: other errors depend on the server that was asked. */
function withoutAnswer({ outcome, error }: Failure): Failure {
  return error !== undefined && FINAL.has(error) ? { outcome, error } : { outcome };
}

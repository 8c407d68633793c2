// The session of the causal protocol: picks a server, keeps the session guarantees.
import { fromVersionTuple, toVersionTuple, type Version } from '../../clocks/version.ts';
import { VersionVector } from '../../clocks/versionVector.ts';
import type { Answer } from '../../kernel/control.ts';
import type { Env } from '../../kernel/env.ts';
import type { VersionTuple } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { CALL_TIMEOUT_MS, OPERATION_DEADLINE_MS } from '../../kernel/limits.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import type { Options, Session } from '../../kernel/protocol.ts';
import { askServers, chooseServer } from '../../replication/askServers.ts';
import { type AttemptPolicy, unanswered } from '../../replication/attempts.ts';
import { type Choice, ServerChoice } from '../../replication/serverChoice.ts';
import type { CausalMessages } from './messages.ts';
import { type AnsweredGet, type AnsweredPut, SessionState } from './sessionState.ts';

/** On a real machine a call may end a little after its timeout. */
const MARGIN_MS = CALL_TIMEOUT_MS / 4;

/**
 * A read has no effect, so it may be sent to every connected server in turn, while there is time.
 */
const READS: AttemptPolicy = {
  lastAfterMs: OPERATION_DEADLINE_MS - CALL_TIMEOUT_MS - MARGIN_MS,
  pauseMs: 0,
  isRepeated: false,
  isFinal: () => false,
};

/**
 * A write goes to one server, twice at most. The second copy has the same `seq`, so it applies
 * once. No other server may be tried, because the first may have applied the write.
 */
const WRITES: AttemptPolicy = {
  lastAfterMs: OPERATION_DEADLINE_MS,
  pauseMs: 0,
  most: 2,
  isRepeated: true,
  isFinal: ({ definite }) => definite,
};

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
  readonly #servers = new ServerChoice();
  #writes = 0;

  constructor(env: Env<CausalMessages, 'client'>, isCausal: boolean) {
    this.#env = env;
    this.state = new SessionState(isCausal);
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
    let dependsOn: Version | undefined;
    const ask = (to: NodeId): Promise<ResultOf<CausalMessages, 'read'>> => {
      dependsOn = this.state.dependsOn(key);
      const params: ParamsOf<CausalMessages, 'read'> = {
        key,
        dependsOn: dependsOn === undefined ? null : toVersionTuple(dependsOn),
        guard: this.state.guardOfGet(key)?.toTuples() ?? null,
        clock: this.state.clock.time,
      };
      return this.#env.call(to, 'read', params);
    };
    const asked = await askServers(this.#env, READS, this.#choose, ask, this.#witness);
    if ('outcome' in asked) {
      return unanswered({ outcome: asked.error === undefined ? 'fail' : 'unknown' });
    }
    const { server, result } = asked;
    const { status: outcome, value, version, applied } = result;
    if (outcome !== 'stale') {
      const got = version === null ? undefined : fromVersionTuple(version);
      if (got !== undefined) this.state.hasSeen(key, got);
      else this.state.hasFoundNothing(key, VersionVector.fromTuples(result.collected));
      const kind = 'answered get';
      this.#env.observe?.({ kind, key, value, dependsOn, version: got } satisfies AnsweredGet);
    }
    return { outcome, value, server, version, applied };
  }

  async #write(key: string, value: string | null): Promise<Answer> {
    const chosen = this.#choose([]);
    if (chosen === undefined) return unanswered({ outcome: 'fail' });
    this.#writes += 1;
    const { id, incarnation } = this.#env.self;
    const params: ParamsOf<CausalMessages, 'write'> = {
      session: [id, incarnation],
      seq: this.#writes,
      key,
      value,
      guard: this.state.guard?.toTuples() ?? null,
      clock: this.state.clock.time,
    };
    const asked = await askServers(
      this.#env,
      WRITES,
      (tried) => (tried.includes(chosen.server) ? undefined : chosen),
      (to) => this.#env.call(to, 'write', params),
      this.#witness,
    );
    if ('outcome' in asked) return unanswered(asked);
    const { server, result } = asked;
    const { status: outcome, version, applied } = result;
    if (version !== null) this.#hasPut(key, version);
    return { outcome, value: null, server, version, applied };
  }

  #hasPut(key: string, tuple: VersionTuple): void {
    const version = fromVersionTuple(tuple);
    this.state.hasSeen(key, version);
    this.#env.observe?.({ kind: 'answered put', version } satisfies AnsweredPut);
  }

  readonly #choose = (tried: readonly NodeId[]): Choice | undefined =>
    chooseServer(this.#env, this.#servers, tried);

  readonly #witness = ({ clock }: { readonly clock: number }): void =>
    this.state.clock.witnessAnswer(clock);
}

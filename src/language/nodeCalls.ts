// The master's calls to nodes during a run, and what the world has learned about the effects of the
// operations among them.
import type { Cluster, Operated } from '../kernel/cluster.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import { OPERATION_DEADLINE_MS } from '../kernel/limits.ts';
import { type AskOutcome, type AskTerms, outcomeOf } from './unlessDead.ts';

/** How to learn when the effects of an operation are over; absent if the server must be asked. */
export type Effects = Partial<Pick<Operated, 'settled'>>;

/**
 * Each call gives the node's answer, or the CallError in its place. Once the run is stopped, no
 * promise settles: a command that kept calling nodes would keep the program from ending.
 */
export class NodeCalls {
  readonly #clusterOf: () => Cluster;
  #isStopped = false;

  constructor(clusterOf: () => Cluster) {
    this.#clusterOf = clusterOf;
  }

  stop(): void {
    this.#isStopped = true;
  }

  ask(id: NodeId, method: string, params: Json, terms: AskTerms): Promise<AskOutcome> {
    const { line, timeoutMs } = terms;
    if (this.#isStopped) return new Promise(() => undefined);
    return outcomeOf(() => this.#clusterOf().ask(id, method, params, timeoutMs, line));
  }

  /** As `ask`, for an operation of a client that `settle` follows. */
  async operate(
    id: NodeId,
    method: string,
    params: Json,
    terms: AskTerms,
  ): Promise<AskOutcome & Effects> {
    const { line, timeoutMs = OPERATION_DEADLINE_MS } = terms;
    const cluster = this.#clusterOf();
    if (cluster.operate === undefined || this.#isStopped)
      return this.ask(id, method, params, terms);
    const operated = cluster.operate(id, method, params, timeoutMs, line);
    const outcome = await outcomeOf(async () => (await operated).result);
    return outcome.error === undefined ? { ...outcome, ...(await operated) } : outcome;
  }

  /** Asks a server whether effects of earlier commands are over, unless the world knows it. */
  async settle(server: NodeId, line: number, { settled }: Effects): Promise<AskOutcome> {
    const answer = settled?.(server);
    if (answer !== undefined) return outcomeOf(() => answer);
    return this.ask(server, 'settle', {}, { line, timeoutMs: OPERATION_DEADLINE_MS });
  }
}

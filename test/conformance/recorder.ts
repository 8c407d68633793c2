// Records the operations of an exercise's clients as a history for a checker.
import type { Answer } from '../../src/kernel/control.ts';
import { Bug } from '../../src/kernel/errors.ts';
import type { Operation } from '../../src/kernel/history.ts';
import type { NodeId } from '../../src/kernel/ids.ts';
import type { SimCluster } from '../../src/sim/world.ts';

const UNKNOWN: Answer = {
  outcome: 'unknown',
  value: null,
  server: null,
  version: null,
  applied: null,
};

export class Recorder {
  readonly history: Operation[] = [];
  readonly #cluster: SimCluster;
  readonly #seqs = new Map<NodeId, number>();
  #lastMoment = 0;

  constructor(cluster: SimCluster) {
    this.#cluster = cluster;
  }

  /** The answer, which is unknown where there is none. What is no answer is thrown. */
  async operate(
    client: NodeId,
    kind: 'put' | 'get' | 'delete',
    key: string,
    value: string | null = null,
  ): Promise<Answer> {
    const seq = (this.#seqs.get(client) ?? -1) + 1;
    this.#seqs.set(client, seq);
    const invokedAt = this.#moment();
    const params = value === null ? { key } : { key, value };
    const answer = await this.#cluster.ask(client, kind, params, 8_000).then(
      (result) => result as unknown as Answer,
      (error: unknown) => {
        const isAnswer = error instanceof Error && error.name === 'CallError';
        if (!isAnswer || error instanceof Bug) throw error;
        return UNKNOWN;
      },
    );
    const { outcome, server, version } = answer;
    this.history.push({
      session: client,
      incarnation: 1,
      seq,
      kind,
      key,
      value: kind === 'put' ? value : answer.value,
      outcome,
      invokedAt,
      returnedAt: outcome === 'unknown' ? null : this.#moment(),
      server,
      version,
      applied: null,
      line: this.history.length + 1,
    });
    return answer;
  }

  /** A time later than all before, also if no simulated time has passed. */
  #moment(): number {
    this.#lastMoment = Math.max(this.#cluster.now(), this.#lastMoment + 0.001);
    return this.#lastMoment;
  }
}

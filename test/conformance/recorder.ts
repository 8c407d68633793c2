// Records the operations of an exercise's clients as a history for a checker.
import type { Answer } from '../../src/kernel/control.ts';
import { Bug } from '../../src/kernel/errors.ts';
import type { Recorded } from '../../src/kernel/history.ts';
import type { NodeId } from '../../src/kernel/ids.ts';
import type { Json } from '../../src/kernel/json.ts';
import type { SimCluster } from '../../src/sim/world.ts';

const UNKNOWN: Answer = {
  outcome: 'unknown',
  value: null,
  server: null,
  version: null,
  applied: null,
};

export class Recorder {
  readonly history: Recorded[] = [];
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
    const params = value === null ? { key } : { key, value };
    const { answer, ...asked } = await this.#ask(client, key, kind, params);
    this.history.push({ ...asked, kind, value: kind === 'put' ? value : answer.value });
    return answer;
  }

  /** As `operate`, by the protocol's own command. */
  async compareAndSet(
    client: NodeId,
    key: string,
    expected: string,
    value: string,
  ): Promise<Answer> {
    const order = { name: 'cas', args: [key, expected, value] };
    const { answer, ...asked } = await this.#ask(client, key, 'command', order);
    this.history.push({ ...asked, kind: 'cas', expected, value, isSet: answer.isSet ?? null });
    return answer;
  }

  async #ask(client: NodeId, key: string, method: string, params: Json) {
    const seq = (this.#seqs.get(client) ?? -1) + 1;
    this.#seqs.set(client, seq);
    const invokedAt = this.#moment();
    const answer = await this.#cluster.ask(client, method, params, 8_000).then(
      (result) => result as unknown as Answer,
      (error: unknown) => {
        const isAnswer = error instanceof Error && error.name === 'CallError';
        if (!isAnswer || error instanceof Bug) throw error;
        return UNKNOWN;
      },
    );
    const { outcome, server, version } = answer;
    const returnedAt = outcome === 'unknown' ? null : this.#moment();
    return {
      ...{ answer, session: client, incarnation: 1, seq, key, outcome, invokedAt, returnedAt },
      ...{ server, version, applied: null, line: this.history.length + 1 },
    };
  }

  /** A time later than all before, also if no simulated time has passed. */
  #moment(): number {
    this.#lastMoment = Math.max(this.#cluster.now(), this.#lastMoment + 0.001);
    return this.#lastMoment;
  }
}

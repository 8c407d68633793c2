// Measures how long requests take while servers are failed: some of them all the time, or random
// ones now and then. Clients do not use a server that is failed; other servers are not told.
import type { NodeId } from '../kernel/ids.ts';
import { randomBelow } from '../kernel/random.ts';
import type { Extent, FailuresExperiment, Variant } from './experiment.ts';
import { fill, type LoadResult, runLoad } from './load.ts';
import type { OpenStage, Stage } from './stage.ts';
import { type Table, tellNumber, tellPercent } from './table.ts';

export interface FailuresRow {
  readonly labels: Variant['labels'];
  /** So many servers are failed all the time; null if they fail now and then. */
  readonly failed: number | null;
  /** Failures per second; null if servers stay failed. */
  readonly perSecond: number | null;
  readonly get: LoadResult;
  readonly put: LoadResult;
}

export async function runFailures(
  experiment: FailuresExperiment,
  extent: Extent,
  openStage: OpenStage,
): Promise<FailuresRow[]> {
  const rows: FailuresRow[] = [];
  const { keys, delay, batch } = experiment;
  for (const { labels, options } of experiment.variants) {
    const stage = await openStage(experiment, options, batch);
    await fill(stage, keys);
    await stage.do(`link all delay=${delay}`);
    const failing: NodeId[] = [];
    for (const failed of experiment.failed) {
      for (const server of stage.servers.slice(failing.length, failed)) {
        await stage.fail(server);
        failing.push(server);
      }
      const loads = await runLoads(stage, experiment, extent);
      rows.push({ labels, failed, perSecond: null, ...loads });
    }
    for (const server of failing) await stage.recover(server);
    for (const perSecond of experiment.rates) {
      const failures = new RandomFailures(stage, experiment, perSecond);
      const loads = await failures.during(() => runLoads(stage, experiment, extent));
      rows.push({ labels, failed: null, perSecond, ...loads });
    }
    await stage.finish();
  }
  return rows;
}

async function runLoads(
  stage: Stage,
  { keys, requestsPerRound }: FailuresExperiment,
  { rounds }: Extent,
): Promise<Pick<FailuresRow, 'get' | 'put'>> {
  const requests = rounds * requestsPerRound;
  const get = await runLoad(stage, { operation: 'get', keys, requests });
  const put = await runLoad(stage, { operation: 'put', keys, requests });
  return { get, put };
}

/** A Poisson process: the times between two failures are exponentially distributed. */
class RandomFailures {
  readonly #stage: Stage;
  readonly #experiment: FailuresExperiment;
  readonly #meanMs: number;
  readonly #failed = new Set<NodeId>();
  #isOver = false;

  constructor(stage: Stage, experiment: FailuresExperiment, perSecond: number) {
    this.#stage = stage;
    this.#experiment = experiment;
    this.#meanMs = 1_000 / perSecond;
  }

  /** Lets servers fail while the task is done. Resolves when no server is failed any more. */
  async during<T>(task: () => Promise<T>): Promise<T> {
    const failing = this.#run();
    const done = task().finally(() => {
      this.#isOver = true;
    });
    const [result] = await Promise.all([done, failing]);
    return result;
  }

  async #run(): Promise<void> {
    const { random, servers } = this.#stage;
    const underWay: Promise<void>[] = [];
    for (;;) {
      await this.#stage.sleep(-this.#meanMs * Math.log(1 - random()));
      if (this.#isOver) break;
      const healthy = servers.filter((server) => !this.#failed.has(server));
      const server = healthy[randomBelow(random, healthy.length)];
      if (server === undefined || this.#failed.size >= this.#experiment.mostFailed) continue;
      const failure = this.#fail(server);
      // Its error counts when all are awaited, and not before.
      failure.catch(() => undefined);
      underWay.push(failure);
    }
    await Promise.all(underWay);
  }

  async #fail(server: NodeId): Promise<void> {
    this.#failed.add(server);
    await this.#stage.fail(server);
    await this.#stage.sleep(this.#experiment.failureMs);
    await this.#stage.recover(server);
    this.#failed.delete(server);
  }
}

export function tellFailures({ title }: FailuresExperiment, rows: readonly FailuresRow[]): Table {
  const names = Object.keys(rows[0]?.labels ?? {});
  const tell = (result: LoadResult): string[] => [
    tellPercent(result.answeredShare),
    ...[result.meanMs, result.p99Ms].map(tellNumber),
  ];
  return {
    title,
    heads: [
      ...[...names, 'failed', 'per s', 'gets: answered', 'mean', 'p99'],
      ...['puts: answered', 'mean', 'p99'],
    ],
    rows: rows.map(({ labels, failed, perSecond, get, put }) => [
      ...names.map((name) => labels[name] ?? ''),
      ...[failed, perSecond].map((count) => (count === null ? '-' : String(count))),
      ...tell(get),
      ...tell(put),
    ]),
  };
}

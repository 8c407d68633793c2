// Distributes seeds over processes; each gets the next batch when it has finished its last one.
import { type ChildProcess, fork } from 'node:child_process';
import type { BatchResult, SeedRange } from '../../fuzz/search.ts';
import { EnvironmentError } from '../../kernel/cluster.ts';
import type { Protocol } from '../../kernel/protocol.ts';
import { childEnvironment } from '../../processes/childEnvironment.ts';
import { findBundles } from '../../processes/nodeProcess.ts';
import { isScarcity } from '../../rpc/scarcity.ts';
import type { Interruption } from '../interruption.ts';

export interface WorkerOrder extends SeedRange {
  readonly protocol: string;
}

export interface SpreadSetup {
  readonly protocol: Protocol;
  readonly from: number;
  readonly seeds: number;
  /** How delays are chosen, in place of what a seed draws. */
  readonly depth?: number | undefined;
  readonly jobs: number;
  readonly interruption: Interruption;
  /** How many seeds a process gets at once. */
  readonly batchSeeds?: number;
  /** Called for every finished batch, in any order; returns true to stop the search. */
  readonly onBatch: (result: BatchResult) => boolean;
}

/**
 * Small enough that the processes finish together, large enough that a batch costs little overhead.
 */
const BATCH_SEEDS = 5;

/**
 * Returns when all seeds were tried, `onBatch` has stopped the search, or the program is
 * interrupted; by then no process lives any more. Waits for batches under way, unless interrupted,
 * so that every seed below a tried one was tried too.
 */
export async function spreadSeeds(setup: SpreadSetup): Promise<void> {
  const { from, seeds, jobs, interruption, batchSeeds = BATCH_SEEDS } = setup;
  const orders = ordersFor(setup, from + seeds, batchSeeds);
  const workers: ChildProcess[] = [];
  let isOver = false;
  const next = (): WorkerOrder | undefined =>
    isOver || interruption.status !== undefined ? undefined : orders.next().value;
  const onBatch = (result: BatchResult): void => {
    if (setup.onBatch(result)) isOver = true;
  };
  const work = async (): Promise<void> => {
    let order = next();
    if (order === undefined) return;
    const worker = startWorker();
    workers.push(worker);
    for (; order !== undefined; order = next()) onBatch(await runOrder(worker, order));
    await endWorker(worker);
  };
  const working = Promise.all(Array.from({ length: jobs }, work));
  const interrupted = interruption.happened.then(async () => {
    await Promise.all(workers.map(endWorker));
  });
  try {
    await Promise.race([working, interrupted]);
  } catch (error) {
    // An interruption kills processes at work, which may fail because of that.
    if (interruption.status === undefined) throw error;
  } finally {
    working.catch(() => undefined);
    await Promise.all(workers.map(endWorker));
  }
}

function* ordersFor(
  { protocol: { name: protocol }, from, depth }: SpreadSetup,
  end: number,
  batchSeeds: number,
): Generator<WorkerOrder, undefined> {
  for (let seed = from; seed < end; seed += batchSeeds) {
    yield { protocol, from: seed, to: Math.min(end, seed + batchSeeds), depth };
  }
  return undefined;
}

/** Its output goes to our stderr, so that it can never mix with the answers on stdout. */
function startWorker(): ChildProcess {
  return fork(`${findBundles()}/swarmWorker.cjs`, [], {
    stdio: ['ignore', 2, 2, 'ipc'],
    env: childEnvironment(process.env),
    execArgv: [],
  });
}

function runOrder(worker: ChildProcess, order: WorkerOrder): Promise<BatchResult> {
  return new Promise((resolve, reject) => {
    const gone = (code: number | null, signal: string | null): void => {
      reject(new EnvironmentError('E_SPAWN', `a swarm process ended: ${signal ?? code}`));
    };
    const failed = (error: Error): void => {
      const kind = isScarcity(error) ? 'E_LIMIT' : 'E_SPAWN';
      reject(new EnvironmentError(kind, `a swarm process: ${error.message}`));
    };
    worker.once('exit', gone).once('error', failed);
    worker.once('message', (result) => {
      worker.off('exit', gone).off('error', failed);
      resolve(result as BatchResult);
    });
    // A process that could not be started has no channel; its `error` event tells why.
    if (worker.pid !== undefined) worker.send(order);
  });
}

function endWorker(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null || worker.pid === undefined) {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    worker.once('exit', () => resolve());
    worker.kill('SIGKILL');
  });
}

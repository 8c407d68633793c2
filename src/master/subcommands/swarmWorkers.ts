// Spreads seeds over processes, each of which gets the next few when it has done the ones before.
import { type ChildProcess, fork } from 'node:child_process';
import type { BatchResult } from '../../fuzz/search.ts';
import { EnvironmentError } from '../../kernel/cluster.ts';
import type { Protocol } from '../../kernel/protocol.ts';
import { childEnvironment } from '../../processes/childEnvironment.ts';
import { findBundles } from '../../processes/nodeProcess.ts';
import { isScarcity } from '../../rpc/scarcity.ts';
import type { Interruption } from '../interruption.ts';

export interface WorkerOrder {
  readonly protocol: string;
  readonly from: number;
  readonly to: number;
}

export interface SpreadSetup {
  readonly protocol: Protocol;
  readonly from: number;
  readonly seeds: number;
  readonly jobs: number;
  readonly interruption: Interruption;
  /** Told about every batch when it is done, in any order; true when nothing further is wanted. */
  readonly onBatch: (result: BatchResult) => boolean;
}

/** So few that the last process does not keep the others waiting, so many that it is cheap. */
const BATCH_SEEDS = 20;

/**
 * Returns when all seeds were tried, nothing further is wanted, or the program is interrupted; by
 * then no process lives any more. Batches that are under way are waited for, unless interrupted, so
 * that no lower seed than one that was tried is left out.
 */
export async function spreadSeeds(setup: SpreadSetup): Promise<void> {
  const { from, seeds, jobs, interruption } = setup;
  const orders = ordersFor(setup.protocol.name, from, from + seeds);
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
    // An interruption kills processes that are at work, which they may well call an error.
    if (interruption.status === undefined) throw error;
  } finally {
    working.catch(() => undefined);
    await Promise.all(workers.map(endWorker));
  }
}

function* ordersFor(
  protocol: string,
  from: number,
  end: number,
): Generator<WorkerOrder, undefined> {
  for (let seed = from; seed < end; seed += BATCH_SEEDS) {
    yield { protocol, from: seed, to: Math.min(end, seed + BATCH_SEEDS) };
  }
  return undefined;
}

/** What it writes joins our stderr, so that it can never mix with the answers on stdout. */
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
    // One that could not be started has no channel, and tells why by its event.
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

// Runs scripts in simulation one after the other, each on the disks that the former has left.
import { InitialWrites } from '../../src/checkers/index.ts';
import { createScriptLanguage } from '../../src/fuzz/scriptSession.ts';
import type { InitialWrite, Operation } from '../../src/kernel/history.ts';
import type { Protocol } from '../../src/kernel/protocol.ts';
import type { SimData } from '../../src/sim/simData.ts';
import { createSimCluster, type SimCluster } from '../../src/sim/world.ts';

export interface SimRun {
  /** The run's answers, one JSON object each. */
  readonly answers: readonly Record<string, unknown>[];
  readonly initial: readonly InitialWrite[];
  readonly history: readonly Operation[];
  readonly data: SimData;
}

/** Runs without the protocol's invariants: a faulty twin must be detected from outside. */
export async function runOnDisks(
  protocol: Protocol,
  script: string,
  data?: SimData,
  seed = 1,
): Promise<SimRun> {
  const answers: Record<string, unknown>[] = [];
  const initial = new InitialWrites();
  const history: Operation[] = [];
  let cluster: SimCluster | undefined;
  const session = createScriptLanguage([protocol]).open({
    protocol,
    seed,
    createCluster: (chosen, options) => {
      const world = { protocol: chosen, options, seed, checkInvariants: false };
      cluster = createSimCluster({ ...world, ...(data && { data }) });
      return cluster;
    },
    onInitialWrite: (write) => initial.add(write),
    onOperation: (operation) => history.push(operation as Operation),
    onAnswer: (text) => answers.push(JSON.parse(text)),
    onDiagnostic: () => undefined,
  });
  for (const line of script.trim().split('\n')) await session.do(line);
  await session.quiesce();
  await session.stop();
  const left = cluster?.copyData();
  if (left === undefined) throw new Error('the script starts nothing');
  return { answers, initial: [...initial.list()], history, data: left };
}

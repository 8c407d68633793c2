// Runs a script of quorum in simulation, invariants included, and returns what it said.
import { createScriptLanguage } from '../../../src/fuzz/scriptSession.ts';
import type { Operation, Recorded } from '../../../src/kernel/history.ts';
import { quorum } from '../../../src/protocols/quorum/index.ts';
import { parseFaults } from '../../../src/sim/faultText.ts';
import type { SimData } from '../../../src/sim/simData.ts';
import { createSimCluster, type SimCluster } from '../../../src/sim/world.ts';

export interface Said {
  /** What each get has printed, and what each `inspect` and `printStore` has shown, in order. */
  readonly gets: readonly string[];
  readonly states: readonly State[];
  readonly stores: readonly string[];
  readonly notes: readonly string[];
  readonly outcomes: readonly string[];
  readonly warnings: readonly string[];
  readonly data: SimData;
}

interface State {
  readonly hints: readonly { owner: number; key: string; value: string | null }[];
  readonly store: readonly { key: string; value: string | null }[];
  readonly suspected: readonly number[];
  readonly isGossiping: boolean;
  readonly isComplete: boolean;
  readonly floor: number;
  readonly clock: number;
  readonly ringNumber: number | null;
  readonly members: readonly number[];
}

interface Setup {
  readonly seed?: number;
  readonly data?: SimData;
  readonly faults?: string;
}

/** Lines are separated by semicolons. */
export async function play(script: string, { seed = 1, data, faults }: Setup = {}): Promise<Said> {
  const answers: Record<string, unknown>[] = [];
  const history: Recorded[] = [];
  const warnings: string[] = [];
  const notes: string[] = [];
  let cluster: SimCluster | undefined;
  const session = createScriptLanguage([quorum]).open({
    protocol: quorum,
    seed,
    createCluster: (protocol, options) => {
      const chance = faults === undefined ? {} : { faults: parseFaults(faults) };
      const warn = (text: string): unknown => warnings.push(text);
      const world = { protocol, options, seed, ...chance, ...(data && { data }), warn };
      cluster = createSimCluster(world);
      return cluster;
    },
    onInitialWrite: () => undefined,
    onOperation: (operation) => history.push(operation),
    onAnswer: (text) => answers.push(JSON.parse(text)),
    onDiagnostic: (text) => notes.push(text),
  });
  for (const line of script.split(';')) await session.do(line.trim());
  await session.quiesce();
  await session.stop();
  const of = (command: string) => answers.filter((answer) => answer.command === command);
  return {
    gets: of('get').map(({ value, error }) => String(value ?? error)),
    states: of('inspect').map(({ state }) => state as State),
    stores: of('printStore').map(({ entries }) =>
      (entries as string[][]).map((entry) => entry.join(':')).join(' '),
    ),
    notes,
    outcomes: history.map(({ outcome }: Pick<Operation, 'outcome'>) => outcome),
    warnings,
    data: (cluster as SimCluster).copyData(),
  };
}

export const ORDERED_FOUR =
  'joinServer 0;joinServer 1;joinServer 2;joinServer 3;joinClient 10 0;joinClient 11 1;' +
  'joinClient 12 2;joinClient 13 3';

// Runs experiments one after the other, and gives the results of each as data and as a table.
import { assert } from '../kernel/errors.ts';
import type { Protocol } from '../kernel/protocol.ts';
import { createRandomStream } from '../kernel/random.ts';
import { type CompareRow, runCompare, tellCompare } from './compare.ts';
import { type PartRow, tellParts } from './examination.ts';
import type { Experiment, Extent, Kind, Variant } from './experiment.ts';
import { type FailuresRow, runFailures, tellFailures } from './failures.ts';
import { type GroupsRow, runGroups, tellGroups } from './groups.ts';
import { runShards } from './shards.ts';
import { runSingle } from './single.ts';
import { type OpenStage, Stage, type StageSetup } from './stage.ts';
import { runStaleness, type StalenessRow, tellStaleness } from './staleness.ts';
import type { Table } from './table.ts';
import { runTimes, type TimesRow, tellTimes } from './times.ts';

export interface EvaluationSetup extends Omit<StageSetup, 'protocol'> {
  /** Undefined if each variant of the experiments names its own. */
  readonly protocol: Protocol | undefined;
  readonly protocols: readonly Protocol[];
  readonly experiments: readonly Experiment[];
  readonly extent: Extent;
  /** Options of the protocol for all experiments; none of their own. */
  readonly given: ReadonlyMap<string, string>;
}

/** The results of an experiment, by its kind: one for each row of its table. */
interface Rows {
  readonly staleness: StalenessRow;
  readonly times: TimesRow;
  readonly failures: FailuresRow;
  readonly single: PartRow;
  readonly shards: PartRow;
  readonly groups: GroupsRow;
  readonly compare: CompareRow;
}

interface SectionOf<K extends Kind> {
  readonly kind: K;
  readonly rows: readonly Rows[K][];
  readonly table: Table;
  /** What is not as the protocol promises, a sentence each; some experiments cannot tell. */
  readonly wrong: readonly string[];
}

export type Section = { [K in Kind]: SectionOf<K> }[Kind];

export class Evaluation {
  readonly #setup: EvaluationSetup;
  #stage: Stage | undefined;
  #isStopped = false;

  constructor(setup: EvaluationSetup) {
    this.#setup = setup;
  }

  async *sections(): AsyncGenerator<Section> {
    try {
      for (const experiment of this.#setup.experiments) yield await this.#run(experiment);
    } finally {
      await this.stop();
    }
  }

  /** Ends every node of the experiment that is running; its results then never come. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#stage?.stop();
  }

  async #run(experiment: Experiment): Promise<Section> {
    const { extent } = this.#setup;
    switch (experiment.kind) {
      case 'staleness': {
        const rows = await runStaleness(experiment, extent, this.#openStage);
        return { kind: experiment.kind, rows, table: tellStaleness(experiment, rows), wrong: [] };
      }
      case 'times': {
        const rows = await runTimes(experiment, extent, this.#openStage);
        return { kind: experiment.kind, rows, table: tellTimes(experiment, rows), wrong: [] };
      }
      case 'failures': {
        const rows = await runFailures(experiment, extent, this.#openStage);
        return { kind: experiment.kind, rows, table: tellFailures(experiment, rows), wrong: [] };
      }
      case 'single': {
        const rows = await runSingle(experiment, this.#openStage);
        return judged(experiment.kind, rows, tellParts(experiment, rows));
      }
      case 'shards': {
        const rows = await runShards(experiment, this.#openStage);
        return judged(experiment.kind, rows, tellParts(experiment, rows));
      }
      case 'groups': {
        const rows = await runGroups(experiment, extent, this.#openStage);
        return judged(experiment.kind, rows, tellGroups(experiment, rows));
      }
      case 'compare': {
        const rows = await runCompare(experiment, extent, this.#openStage);
        return judged(experiment.kind, rows, tellCompare(experiment, rows));
      }
    }
  }

  readonly #openStage: OpenStage = async (scene, options, clients) => {
    // Its caller goes on while it is stopped, and must begin nothing more.
    if (this.#isStopped) return new Promise<never>(() => undefined);
    const { protocols } = this.#setup;
    const named = protocols.find(({ name }) => name === scene.protocol);
    const protocol = named ?? this.#setup.protocol;
    assert(protocol !== undefined, 'an experiment has a protocol');
    const stage = new Stage({ ...this.#setup, protocol }, scene.servers, clients);
    this.#stage = stage;
    await stage.begin(optionsOf(scene, options, this.#setup));
    return stage;
  };
}

function judged<K extends 'single' | 'shards' | 'groups' | 'compare'>(
  kind: K,
  rows: readonly Rows[K][],
  table: Table,
): SectionOf<K> {
  return { kind, rows, table, wrong: rows.flatMap(({ wrong }) => wrong) };
}

/** The options with which a variant of an experiment runs, whose own options are `own`. */
export function optionsOf(
  { options: draw }: Pick<Experiment, 'options'>,
  own: Variant['options'],
  { seed, given }: Pick<EvaluationSetup, 'seed' | 'given'>,
): Map<string, string> {
  const drawn = draw(createRandomStream(seed, 'evaluate options'));
  return new Map([...Object.entries({ ...drawn, ...own }), ...given]);
}

/** The options that the experiments set themselves. */
export function listOwnOptions(experiments: readonly Experiment[]): Set<string> {
  return new Set(
    experiments.flatMap(({ options, variants }) => [
      ...Object.keys(options(createRandomStream(0, 'evaluate options'))),
      ...variants.flatMap((variant) => Object.keys(variant.options)),
    ]),
  );
}

// Runs experiments one after the other, and gives the results of each as data and as a table.
import { createRandomStream } from '../kernel/random.ts';
import type { Experiment, Extent, Kind, Variant } from './experiment.ts';
import { runFailures, tellFailures } from './failures.ts';
import { type OpenStage, Stage, type StageSetup } from './stage.ts';
import { runStaleness, tellStaleness } from './staleness.ts';
import type { Table } from './table.ts';
import { runTimes, tellTimes } from './times.ts';

export interface EvaluationSetup extends StageSetup {
  readonly experiments: readonly Experiment[];
  readonly extent: Extent;
  /** Options of the protocol for all experiments; none of their own. */
  readonly given: ReadonlyMap<string, string>;
}

export interface Section {
  readonly kind: Kind;
  readonly rows: readonly object[];
  readonly table: Table;
}

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
    const { kind } = experiment;
    if (kind === 'staleness') {
      const rows = await runStaleness(experiment, extent, this.#openStage);
      return { kind, rows, table: tellStaleness(experiment, rows) };
    }
    if (kind === 'times') {
      const rows = await runTimes(experiment, extent, this.#openStage);
      return { kind, rows, table: tellTimes(experiment, rows) };
    }
    const rows = await runFailures(experiment, extent, this.#openStage);
    return { kind, rows, table: tellFailures(experiment, rows) };
  }

  readonly #openStage: OpenStage = async (experiment, options, clients) => {
    // Its caller goes on while it is stopped, and must begin nothing more.
    if (this.#isStopped) return new Promise<never>(() => undefined);
    const stage = new Stage(this.#setup, experiment.servers, clients);
    this.#stage = stage;
    await stage.begin(optionsOf(experiment, options, this.#setup));
    return stage;
  };
}

/** The options with which a variant of an experiment runs, whose own options are `own`. */
export function optionsOf(
  { options: draw }: Experiment,
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

// Runs experiments one after the other, and gives the results of each as data and as a table.
import { assert } from '../kernel/errors.ts';
import type { Protocol } from '../kernel/protocol.ts';
import { createRandomStream } from '../kernel/random.ts';
import { runCompare, tellCompare } from './compare.ts';
import { tellParts } from './examination.ts';
import type { Experiment, Extent, Kind, Variant } from './experiment.ts';
import { runFailures, tellFailures } from './failures.ts';
import { runGroups, tellGroups } from './groups.ts';
import { runShards } from './shards.ts';
import { runSingle } from './single.ts';
import { type OpenStage, Stage, type StageSetup } from './stage.ts';
import { runStaleness, tellStaleness } from './staleness.ts';
import type { Table } from './table.ts';
import { runTimes, tellTimes } from './times.ts';

export interface EvaluationSetup extends Omit<StageSetup, 'protocol'> {
  /** Undefined if each variant of the experiments names its own. */
  readonly protocol: Protocol | undefined;
  readonly protocols: readonly Protocol[];
  readonly experiments: readonly Experiment[];
  readonly extent: Extent;
  /** Options of the protocol for all experiments; none of their own. */
  readonly given: ReadonlyMap<string, string>;
}

export interface Section {
  readonly kind: Kind;
  readonly rows: readonly object[];
  readonly table: Table;
  /** What is not as the protocol promises, a sentence each; some experiments cannot tell. */
  readonly wrong: readonly string[];
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
    const unjudged = { kind, wrong: [] };
    switch (experiment.kind) {
      case 'staleness': {
        const rows = await runStaleness(experiment, extent, this.#openStage);
        return { ...unjudged, rows, table: tellStaleness(experiment, rows) };
      }
      case 'times': {
        const rows = await runTimes(experiment, extent, this.#openStage);
        return { ...unjudged, rows, table: tellTimes(experiment, rows) };
      }
      case 'failures': {
        const rows = await runFailures(experiment, extent, this.#openStage);
        return { ...unjudged, rows, table: tellFailures(experiment, rows) };
      }
      case 'single': {
        const rows = await runSingle(experiment, this.#openStage);
        return judged(kind, rows, tellParts(experiment, rows));
      }
      case 'shards': {
        const rows = await runShards(experiment, this.#openStage);
        return judged(kind, rows, tellParts(experiment, rows));
      }
      case 'groups': {
        const rows = await runGroups(experiment, extent, this.#openStage);
        return judged(kind, rows, tellGroups(experiment, rows));
      }
      case 'compare': {
        const rows = await runCompare(experiment, extent, this.#openStage);
        return judged(kind, rows, tellCompare(experiment, rows));
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

function judged(
  kind: Kind,
  rows: readonly { readonly wrong: readonly string[] }[],
  table: Table,
): Section {
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

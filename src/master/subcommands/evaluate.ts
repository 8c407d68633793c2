// `causeway evaluate PROTOCOL` and `causeway evaluate compare`: measure protocols, as tables and as
// JSON. In simulation the same seed gives the same results.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import {
  Evaluation,
  type EvaluationSetup,
  listOwnOptions,
  optionsOf,
  type Section,
} from '../../evaluate/evaluation.ts';
import type { Experiment, Extent, Kind } from '../../evaluate/experiment.ts';
import { COMPARE, SUITES, type Suite, type WorldName } from '../../evaluate/suites.ts';
import { renderTable } from '../../evaluate/table.ts';
import { isProtocol } from '../../kernel/protocol.ts';
import { settings } from '../../language/arguments.ts';
import { chooseOptions, chooseOurs } from '../../language/choice.ts';
import { LineError } from '../../language/lineError.ts';
import { WordReader } from '../../language/words.ts';
import { findBundles } from '../../processes/nodeProcess.ts';
import { type Evaluated, toMeasurements } from '../../web/plots/measurements.ts';
import { seedOption } from '../chanceOptions.ts';
import { EXIT } from '../exitStatus.ts';
import { pathOption } from '../pathWords.ts';
import { parseOrSay } from '../reply.ts';
import type { RunSubcommand, SubcommandSetup } from '../subcommand.ts';
import { createProcessWorld, createSimWorld } from '../worlds.ts';
import { writeLinesToFile } from './writeLines.ts';

const USUAL_SEED = 1;
const KINDS: readonly Kind[] = [
  ...(['staleness', 'times', 'failures', 'single', 'shards', 'groups', 'compare'] as const),
];
const ROUNDS = /^[1-9][0-9]{0,5}$/;
const SECONDS = /^(?:[0-9]{1,4}\.)?[0-9]{1,4}$/;

interface Flags {
  readonly processes?: boolean;
  readonly sim?: boolean;
  readonly seed: number;
  readonly rounds?: number;
  readonly seconds?: number;
  readonly only?: Kind;
  readonly json?: string;
  readonly report?: string;
}

interface Order extends Omit<EvaluationSetup, 'createWorld'> {
  readonly suite: Suite;
  readonly world: WorldName;
  readonly jsonPath: string | undefined;
  readonly reportPath: string | undefined;
}

/** The files of --json and --report stay empty unless the evaluation is complete. */
export const runEvaluate: RunSubcommand = async (setup) => {
  const { output, interruption } = setup;
  const order = readOrder(setup);
  if (typeof order === 'number') return order;
  const { world, jsonPath, reportPath } = order;
  // A file that cannot be written is found before all the work, not after it.
  if (jsonPath !== undefined) writeLinesToFile(jsonPath, []);
  const createWorld = world === 'processes' ? createProcessWorld : createSimWorld;
  if (reportPath !== undefined) writeLinesToFile(reportPath, []);
  const evaluation = new Evaluation({ ...order, createWorld: () => createWorld() });
  const results: Section[] = [];
  let status: number = EXIT.ok;
  const sections = evaluation.sections();
  for (;;) {
    const next = await Promise.race([sections.next(), interruption.happened]);
    if (typeof next === 'number') {
      await evaluation.stop();
      return next;
    }
    if (next.done === true) break;
    const { kind, table, wrong } = next.value;
    if (results.length > 0) output.answer('\n');
    for (const line of renderTable(table)) output.answer(`${line}\n`);
    for (const sentence of wrong) output.diagnostic(`causeway: wrong: ${kind}: ${sentence}\n`);
    if (wrong.length > 0) status = EXIT.broken;
    results.push(next.value);
  }
  if (jsonPath !== undefined) {
    writeLinesToFile(jsonPath, [JSON.stringify(describe(order, results), null, 2)]);
  }
  if (reportPath !== undefined) {
    const style = readFileSync(join(findBundles(), 'measurements.css'), 'utf8');
    writeLinesToFile(reportPath, [toMeasurements(toEvaluated(order, results), style)]);
  }
  return status;
};

function toEvaluated(
  { protocol, suite, world, seed, extent }: Order,
  sections: Section[],
): Evaluated {
  const extentWords = {
    rounds: `${extent.rounds} rounds`,
    seconds: `${extent.seconds} s for each row`,
  };
  return {
    title: protocol === undefined ? 'Protocols compared' : `Evaluation of ${protocol.name}`,
    facts: [
      world === 'processes' ? 'on real processes' : 'in simulation',
      extentWords[suite.measure],
      `seed ${seed}`,
    ],
    sections,
  };
}

function describe(order: Order, sections: readonly Section[]): object {
  const { protocol, suite, world, seed, extent } = order;
  const { rounds, seconds, isReduced } = extent;
  return {
    protocol: protocol?.name ?? null,
    ...{ world, seed },
    ...(suite.measure === 'rounds' ? { rounds, isReduced } : { seconds }),
    experiments: sections.map(({ kind, table, rows }) => ({ kind, title: table.title, rows })),
  };
}

function createCommand(): Command {
  return new Command('causeway evaluate')
    .description(
      'Measures a protocol: how often a get returns the value that was put so long before, how ' +
        'long requests take, and how both change while servers fail. `compare` measures all ' +
        'protocols under the same load.',
    )
    .argument('<protocol>', 'the replication design, or `compare`')
    .argument(
      '[words...]',
      'options of the design, as the command protocol has them; the number of an experiment, ' +
        'counted from 1; for `compare` the protocols, if not all',
    )
    .addOption(new Option('--processes', 'on real processes').conflicts('sim'))
    .option('--sim', 'in simulation')
    .addOption(new Option('--only <experiment>', 'this experiment alone').choices(KINDS))
    .addOption(
      new Option(
        '--rounds <number>',
        'of quorum: how much is measured: puts and gets for each point of staleness, and in ' +
          'proportion other requests (100, on processes 10)',
      ).argParser(readRounds),
    )
    .addOption(
      new Option(
        '--seconds <number>',
        'of sharded and compare: how long each row is measured (8; of compare 4, simulated 2)',
      ).argParser(readSeconds),
    )
    .addOption(pathOption('--json <file>', 'write all results to a file'))
    .addOption(pathOption('--report <file>', 'write a page with plots of all results'))
    .addOption(seedOption().default(USUAL_SEED))
    .allowExcessArguments(false)
    .helpOption('-h, --help', 'show this')
    .exitOverride();
}

/** An exit status if there is nothing to evaluate. */
function readOrder({ words, protocols, output }: SubcommandSetup): Order | number {
  const command = createCommand();
  const read = (): Order => {
    const [name = '', ...rest] = command.args;
    const flags = command.opts<Flags>();
    const { seed, json: jsonPath, report: reportPath } = flags;
    const protocol = name === COMPARE ? undefined : chooseOurs(protocols, name);
    const suite = findSuite(name);
    const { experiments, others } = chooseExperiments(suite, rest, flags.only);
    const given = settings('option=value', 'option').read(new WordReader(others.join(' ')));
    const world = flags.processes ? 'processes' : flags.sim ? 'simulation' : suite.world;
    const order = { protocol, protocols: protocols.filter(isProtocol), experiments, given, seed };
    checkOptions(order);
    return {
      ...order,
      suite,
      world,
      extent: readExtent(suite, world, flags),
      ...{ jsonPath, reportPath },
    };
  };
  return parseOrSay(command, words, read, output);
}

function findSuite(name: string): Suite {
  const suite = SUITES.get(name);
  if (suite !== undefined) return suite;
  const names = [...SUITES.keys()].filter((one) => one !== COMPARE).join(', ');
  const why = `protocol ${name} has no experiments; there are some for ${names}, and ${COMPARE}`;
  throw new LineError('E_UNSUPPORTED', why);
}

/** By `--only`, by numbers, or by the protocols that are compared; and the words not used. */
function chooseExperiments(
  { experiments }: Suite,
  words: readonly string[],
  only: Kind | undefined,
): { readonly experiments: readonly Experiment[]; readonly others: readonly string[] } {
  const variants = experiments.flatMap((one) => (one.kind === 'compare' ? one.variants : []));
  const compared = new Set(variants.map(({ protocol }) => protocol));
  const numbers = words.filter((word) => experiments[Number(word) - 1] !== undefined);
  const names = words.filter((word) => compared.has(word));
  const chosen = experiments.filter(
    ({ kind }, index) =>
      (only === undefined || kind === only) &&
      (numbers.length === 0 || numbers.includes(String(index + 1))),
  );
  if (chosen.length === 0) {
    const kinds = experiments.map(({ kind }) => kind).join(', ');
    throw new LineError('E_ARGS', `there is no such experiment; there is ${kinds}`);
  }
  const narrowed = chosen.map((one) => {
    if (one.kind !== 'compare' || names.length === 0) return one;
    return { ...one, variants: one.variants.filter(({ protocol }) => names.includes(protocol)) };
  });
  const used = new Set([...numbers, ...names]);
  return { experiments: narrowed, others: words.filter((word) => !used.has(word)) };
}

function readExtent(suite: Suite, world: WorldName, { rounds, seconds }: Flags): Extent {
  const { measure, usual } = suite;
  const useless = measure === 'rounds' ? seconds : rounds;
  if (useless !== undefined) {
    const name = measure === 'rounds' ? 'seconds' : 'rounds';
    throw new LineError('E_ARGS', `--${name} has no effect here; use --${measure}`);
  }
  return {
    rounds: rounds ?? usual[world],
    seconds: seconds ?? usual[world],
    isReduced: world === 'processes',
  };
}

/** Throws a LineError unless every variant of the experiments can have the given options. */
function checkOptions(
  chosen: Pick<Order, 'protocol' | 'protocols' | 'experiments' | 'given' | 'seed'>,
): void {
  const { experiments, given, protocols } = chosen;
  const own = [...given.keys()].find((name) => listOwnOptions(experiments).has(name));
  if (own !== undefined) throw new LineError('E_ARGS', `the experiments set ${own} themselves`);
  for (const experiment of experiments) {
    for (const variant of experiment.variants) {
      const named = 'protocol' in variant && chooseOurs(protocols, variant.protocol);
      const protocol = named || chosen.protocol;
      if (protocol !== undefined) {
        chooseOptions(protocol, optionsOf(experiment, variant.options, chosen));
      }
    }
  }
}

function readRounds(text: string): number {
  if (ROUNDS.test(text)) return Number(text);
  throw new InvalidArgumentError('Rounds are a whole number from 1 to 999999.');
}

function readSeconds(text: string): number {
  if (SECONDS.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError('Seconds are a number above 0, such as 8 or 0.5.');
}

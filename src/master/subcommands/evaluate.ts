// `causeway evaluate PROTOCOL`: measures staleness, response times and the effect of failures, as
// tables and as JSON. In simulation the same seed gives the same results.

import { Command, InvalidArgumentError, Option } from 'commander';
import {
  Evaluation,
  type EvaluationSetup,
  listOwnOptions,
  optionsOf,
} from '../../evaluate/evaluation.ts';
import type { Experiment, Extent, Kind } from '../../evaluate/experiment.ts';
import { EXPERIMENTS } from '../../evaluate/experiments.ts';
import { renderTable } from '../../evaluate/table.ts';
import type { Protocol } from '../../kernel/protocol.ts';
import { settings } from '../../language/arguments.ts';
import { chooseOptions, chooseProtocol } from '../../language/choice.ts';
import { LineError } from '../../language/lineError.ts';
import { WordReader } from '../../language/words.ts';
import { seedOption } from '../commandLine.ts';
import { EXIT } from '../exitStatus.ts';
import { pathOption } from '../pathWords.ts';
import { parseOrSay } from '../reply.ts';
import type { RunSubcommand, SubcommandSetup } from '../subcommand.ts';
import { createProcessWorld, createSimWorld } from '../worlds.ts';
import { writeLinesToFile } from './writeLines.ts';

const USUAL_SEED = 1;
const KINDS: readonly Kind[] = ['staleness', 'times', 'failures'];
const ROUNDS = /^[1-9][0-9]{0,5}$/;
/** On real processes, time is real. */
const USUAL_ROUNDS = { simulation: 100, processes: 10 } as const;

interface Flags {
  readonly processes?: boolean;
  readonly seed: number;
  readonly rounds?: number;
  readonly only?: Kind;
  readonly json?: string;
}

interface Order extends Omit<EvaluationSetup, 'createWorld'> {
  readonly isReal: boolean;
  readonly jsonPath: string | undefined;
}

/** The file of --json stays empty unless the evaluation is complete. */
export const runEvaluate: RunSubcommand = async (setup) => {
  const { output, interruption } = setup;
  const order = readOrder(setup);
  if (typeof order === 'number') return order;
  const { isReal, jsonPath, seed, protocol, extent } = order;
  // A file that cannot be written is found before all the work, not after it.
  if (jsonPath !== undefined) writeLinesToFile(jsonPath, []);
  const world = isReal ? 'processes' : 'simulation';
  const createWorld = isReal ? createProcessWorld : createSimWorld;
  const evaluation = new Evaluation({ ...order, createWorld: () => createWorld() });
  const experiments: object[] = [];
  const sections = evaluation.sections();
  for (;;) {
    const next = await Promise.race([sections.next(), interruption.happened]);
    if (typeof next === 'number') {
      await evaluation.stop();
      return next;
    }
    if (next.done === true) break;
    const { kind, table, rows } = next.value;
    if (experiments.length > 0) output.answer('\n');
    for (const line of renderTable(table)) output.answer(`${line}\n`);
    experiments.push({ kind, title: table.title, rows });
  }
  if (jsonPath !== undefined) {
    const result = { protocol: protocol.name, world, seed, ...extent, experiments };
    writeLinesToFile(jsonPath, [JSON.stringify(result, null, 2)]);
  }
  return EXIT.ok;
};

/** An exit status if there is nothing to evaluate. */
function readOrder({ words, protocols, output }: SubcommandSetup): Order | number {
  const command = new Command('causeway evaluate')
    .description(
      'Measures a protocol: how often a get returns the value that was put so long before, how ' +
        'long requests take, and how both change while servers fail.',
    )
    .argument('<protocol>', 'the replication design')
    .argument('[settings...]', 'options of the design, as the command protocol has them')
    .option('--processes', 'on real processes, fewer points and rounds; not in simulation')
    .addOption(new Option('--only <experiment>', 'this experiment alone').choices(KINDS))
    .addOption(
      new Option(
        '--rounds <number>',
        'how much is measured: puts and gets for each point of staleness, and in proportion ' +
          `other requests (${USUAL_ROUNDS.simulation}, on processes ${USUAL_ROUNDS.processes})`,
      ).argParser(readRounds),
    )
    .addOption(pathOption('--json <file>', 'write all results to a file'))
    .addOption(seedOption().default(USUAL_SEED))
    .allowExcessArguments(false)
    .helpOption('-h, --help', 'show this')
    .exitOverride();
  const read = (): Order => {
    const protocol = chooseProtocol(protocols, command.args[0] as string);
    const all = EXPERIMENTS.get(protocol.name);
    if (all === undefined) {
      const names = [...EXPERIMENTS.keys()].join(', ');
      const why = `protocol ${protocol.name} has no experiments; there are some for ${names}`;
      throw new LineError('E_UNSUPPORTED', why);
    }
    const {
      processes: isReal = false,
      json: jsonPath,
      seed,
      only,
      ...chosen
    } = command.opts<Flags>();
    const experiments = all.filter(({ kind }) => only === undefined || kind === only);
    const given = settings('option=value', 'option').read(
      new WordReader(command.args.slice(1).join(' ')),
    );
    checkOptions(protocol, experiments, { given, seed });
    const { rounds = USUAL_ROUNDS[isReal ? 'processes' : 'simulation'] } = chosen;
    const extent: Extent = { rounds, isReduced: isReal };
    return { protocol, experiments, extent, given, seed, isReal, jsonPath };
  };
  return parseOrSay(command, words, read, output);
}

/** Throws a LineError unless every variant of the experiments can have the given options. */
function checkOptions(
  protocol: Protocol,
  experiments: readonly Experiment[],
  chosen: Pick<Order, 'given' | 'seed'>,
): void {
  const own = [...chosen.given.keys()].find((name) => listOwnOptions(experiments).has(name));
  if (own !== undefined) throw new LineError('E_ARGS', `the experiments set ${own} themselves`);
  for (const experiment of experiments) {
    for (const { options } of experiment.variants) {
      chooseOptions(protocol, optionsOf(experiment, options, chosen));
    }
  }
}

function readRounds(text: string): number {
  if (ROUNDS.test(text)) return Number(text);
  throw new InvalidArgumentError('Rounds are a whole number from 1 to 999999.');
}

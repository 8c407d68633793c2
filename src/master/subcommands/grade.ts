// `causeway grade PROTOCOL`: runs the six phases and prints the points of each, like the grading of
// the course project from which this design comes. The history decides what is correct. With
// --command it grades other people's masters instead (gradeMasters.ts).

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { SUITE_FILE } from '../../grading/suite.ts';
import { EnvironmentError } from '../../kernel/cluster.ts';
import type { Protocol } from '../../kernel/protocol.ts';
import { hasLog } from '../../kernel/storageOption.ts';
import { settings } from '../../language/arguments.ts';
import { chooseOptions, chooseOurs } from '../../language/choice.ts';
import { LineError } from '../../language/lineError.ts';
import { WordReader } from '../../language/words.ts';
import { seedOption } from '../chanceOptions.ts';
import { EXIT } from '../exitStatus.ts';
import { pathOption } from '../pathWords.ts';
import { makePrivateFolders } from '../privateFile.ts';
import { parseOrSay } from '../reply.ts';
import type { RunSubcommand, SubcommandSetup } from '../subcommand.ts';
import { createProcessWorld, createSimWorld, type World } from '../worlds.ts';
import { isForMasters, mastersCommand } from './gradeMastersOptions.ts';
import { tellFaults } from './gradeWords.ts';
import { Grading } from './grading.ts';

const USUAL_SEED = 1;

/** The points of each phase, by their sum. 23 is the sum in the handout of 2018. */
const POINTS: ReadonlyMap<string, readonly number[]> = new Map([
  ['60', [10, 10, 10, 10, 10, 10]],
  ['23', [3, 4, 3, 5, 5, 3]],
]);
const PHASES = ['1', '2', '3', '4', '5', '6'];

/** In the folder of --data: one for each world, named after the first phase that uses it. */
const PHASE_FOLDER = /^phase-[1-6]$/;

interface Order {
  readonly protocol: Protocol;
  readonly settings: readonly string[];
  readonly isReal: boolean;
  /** Where real servers keep their logs, in a folder for each world. */
  readonly dataPath: string | undefined;
  readonly seed: number;
  readonly points: readonly number[];
  readonly only: number | undefined;
}

interface Flags {
  readonly processes?: boolean;
  readonly data?: string;
  readonly seed: number;
  readonly points: string;
  readonly phase?: string;
}

/** Exit status 0 only if every phase has all of its points. */
export const runGrade: RunSubcommand = async (setup) => {
  const { output, interruption } = setup;
  if (isForMasters(setup.words)) {
    const { runGradeMasters } = await import('./gradeMasters.ts');
    return runGradeMasters(setup);
  }
  const order = readOrder(setup);
  if (typeof order === 'number') return order;
  const createWorldFor = (firstPhase: number): World => createWorld(order, firstPhase);
  const grading = new Grading({ ...order, createWorld: createWorldFor });
  const results = grading.results();
  let total = 0;
  let most = 0;
  for (;;) {
    const next = await Promise.race([results.next(), interruption.happened]);
    if (typeof next === 'number') {
      await grading.stop();
      return next;
    }
    if (next.done === true) break;
    const { phase, faults } = next.value;
    const full = order.points[phase.number - 1] as number;
    const points = faults.length === 0 ? full : 0;
    total += points;
    most += full;
    output.answer(`phase ${phase.number}: ${points}/${full}  ${phase.title}\n`);
    for (const text of tellFaults(faults)) {
      output.diagnostic(`causeway: phase ${phase.number}: ${text}\n`);
    }
  }
  output.answer(`total: ${total}/${most}\n`);
  return total === most ? EXIT.ok : EXIT.broken;
};

/** An exit status if there is nothing to grade. */
function readOrder({ words, protocols, output }: SubcommandSetup): Order | number {
  const command = new Command('causeway grade')
    .description(
      'Plays the six phases in which stores of this design are graded, and judges the answers: ' +
        'points for each phase, and their sum. Of a phase that fails the operations are shown ' +
        'that say why. Phases 2 to 6 go on with the data of those before.',
    )
    .argument('<protocol>', 'the replication design')
    .argument('[settings...]', 'options of the design, as the command protocol has them')
    .option('--processes', 'on real processes, not in simulation')
    .addOption(
      pathOption('--data <folder>', 'where real servers keep logs: of phase 1, and of the others'),
    )
    .addOption(new Option('--phase <number>', 'this phase alone, begun afresh').choices(PHASES))
    .addOption(
      new Option('--points <sum>', 'ten points a phase, or those of the handout: 3, 4, 3, 5, 5, 3')
        .choices([...POINTS.keys()])
        .default('60'),
    )
    .addOption(seedOption().default(USUAL_SEED))
    .allowExcessArguments(false)
    .helpOption('-h, --help', 'show this')
    .addHelpText('after', () => `\nWith --command:\n\n${mastersCommand().helpInformation()}`)
    .exitOverride();
  const read = (): Order => {
    const [named = ''] = command.args;
    if (existsSync(join(named, SUITE_FILE))) {
      throw new LineError('E_ARGS', `${named} is a suite: --command says which master it grades`);
    }
    const protocol = chooseOurs(protocols, command.args[0] as string);
    if (protocol.scopes?.['@'] === undefined || protocol.scopes['*'] === undefined) {
      throw new LineError('E_UNSUPPORTED', `protocol ${protocol.name} cannot show all of its keys`);
    }
    const { processes: isReal = false, data: dataPath, seed, ...chosen } = command.opts<Flags>();
    const given = command.args.slice(1);
    checkStorage(protocol, given, isReal, dataPath);
    const points = POINTS.get(chosen.points) as readonly number[];
    const only = chosen.phase === undefined ? undefined : Number(chosen.phase);
    return { protocol, settings: given, isReal, dataPath, seed, points, only };
  };
  return parseOrSay(command, words, read, output);
}

function checkStorage(
  protocol: Protocol,
  given: readonly string[],
  isReal: boolean,
  dataPath: string | undefined,
): void {
  const chosen = settings('option=value', 'option').read(new WordReader(given.join(' ')));
  const isLogged = hasLog(chooseOptions(protocol, chosen));
  if (dataPath !== undefined && !(isReal && isLogged)) {
    throw new LineError('E_ARGS', '--data is for real processes with storage=log');
  }
}

function createWorld({ isReal, dataPath }: Order, firstPhase: number): World {
  if (!isReal) return createSimWorld();
  if (dataPath === undefined) return createProcessWorld();
  makePrivateFolders(dataPath);
  assertForPhases(dataPath);
  return createProcessWorld({ dataPath: join(dataPath, `phase-${firstPhase}`) });
}

/** Throws EnvironmentError for a folder of another purpose. */
function assertForPhases(path: string): void {
  let foreign: string | undefined;
  try {
    foreign = readdirSync(path).find((name) => !PHASE_FOLDER.test(name));
  } catch (error) {
    throw new EnvironmentError('E_IO', `${path}: ${(error as Error).message}`);
  }
  if (foreign === undefined) return;
  const why = `it has ${foreign} in it: name an empty folder, or one that is not there`;
  throw new EnvironmentError('E_LOG_FOREIGN', `${path} is no folder of phases: ${why}`);
}

// `causeway grade PROTOCOL`: runs the six phases and prints the points of each, as the grading of
// the course project does that this design comes from. What is right follows from the history.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { Operation } from '../../kernel/history.ts';
import { completeOptions, type Protocol } from '../../kernel/protocol.ts';
import { hasLog } from '../../kernel/storageOption.ts';
import { settings } from '../../language/arguments.ts';
import { chooseOptions, chooseProtocol } from '../../language/choice.ts';
import { CommandTable } from '../../language/commandTable.ts';
import { Interpreter } from '../../language/interpreter.ts';
import { LineError } from '../../language/lineError.ts';
import { Report } from '../../language/report.ts';
import { Run } from '../../language/run.ts';
import { WordReader } from '../../language/words.ts';
import { seedOption } from '../commandLine.ts';
import { EXIT } from '../exitStatus.ts';
import { parseOrSay } from '../reply.ts';
import type { RunSubcommand, SubcommandSetup } from '../subcommand.ts';
import { createProcessWorld, createSimWorld, type World } from '../worlds.ts';
import { findFaults, type ShownDump } from './gradeJudge.ts';
import { listPhases, type Phase } from './gradePhases.ts';

const USUAL_SEED = 1;

interface Order {
  readonly protocol: Protocol;
  readonly settings: readonly string[];
  readonly isReal: boolean;
  /** Where real servers keep their logs, each phase in a folder of its own. */
  readonly dataPath: string | undefined;
  readonly seed: number;
}

interface Flags {
  readonly processes?: boolean;
  readonly data?: string;
  readonly seed: number;
}

/** Exit status 0 only if every phase has all of its points. */
export const runGrade: RunSubcommand = async (setup) => {
  const { output, interruption } = setup;
  const order = readOrder(setup);
  if (typeof order === 'number') return order;
  const phases = listPhases(order.protocol.name, order.settings);
  let total = 0;
  let most = 0;
  for (const [index, phase] of phases.entries()) {
    const graded = gradePhase(phase, index + 1, order);
    const faults = await Promise.race([graded, interruption.happened]);
    if (typeof faults === 'number') return faults;
    const points = faults.length === 0 ? phase.points : 0;
    total += points;
    most += phase.points;
    output.answer(`phase ${index + 1}: ${points}/${phase.points}  ${phase.title}\n`);
    for (const fault of faults) output.diagnostic(`causeway: phase ${index + 1}: ${fault}\n`);
  }
  output.answer(`total: ${total}/${most}\n`);
  return total === most ? EXIT.ok : EXIT.broken;
};

/** An exit status where nothing is to be graded. */
function readOrder({ words, protocols, output }: SubcommandSetup): Order | number {
  const command = new Command('causeway grade')
    .description(
      'Plays the six phases in which stores of this design are graded, and judges the answers: ' +
        'points for each phase, and their sum.',
    )
    .argument('<protocol>', 'the replication design')
    .argument('[settings...]', 'options of the design, as the command protocol has them')
    .option('--processes', 'on real processes, not in simulation')
    .option('--data <folder>', 'where real servers keep logs, in a folder for each phase')
    .addOption(seedOption().default(USUAL_SEED))
    .allowExcessArguments(false)
    .helpOption('-h, --help', 'show this')
    .exitOverride();
  const read = (): Order => {
    const protocol = chooseProtocol(protocols, command.args[0] as string);
    if (protocol.scopes?.['@'] === undefined || protocol.scopes['*'] === undefined) {
      throw new LineError('E_UNSUPPORTED', `protocol ${protocol.name} cannot show all of its keys`);
    }
    const { processes: isReal = false, data: dataPath, seed } = command.opts<Flags>();
    const chosen = command.args.slice(1);
    const given = settings('option=value', 'option').read(new WordReader(chosen.join(' ')));
    const isLogged = hasLog(chooseOptions(protocol, given));
    if (isReal && isLogged && dataPath === undefined) {
      throw new LineError('E_ARGS', 'on real processes a log needs --data FOLDER');
    }
    if (dataPath !== undefined && !(isReal && isLogged)) {
      throw new LineError('E_ARGS', '--data is for real processes with storage=log');
    }
    return { protocol, settings: chosen, isReal, dataPath, seed };
  };
  return parseOrSay(command, words, read, output);
}

/** Runs a phase in a world of its own. Gives what is wrong with it. */
async function gradePhase(phase: Phase, number: number, order: Order): Promise<readonly string[]> {
  const history: Operation[] = [];
  const dumps: ShownDump[] = [];
  const said: string[] = [];
  const sink = {
    answer: (text: string) => {
      const dump = readDump(text, history.length);
      if (dump !== undefined) dumps.push(dump);
    },
    diagnostic: (text: string) => {
      said.push(text.trimEnd());
    },
  };
  const report = new Report(sink, { isJson: true, isQuiet: true }, phase.title);
  const world = createWorld(order, number);
  const run = createRun(order, world, report, history);
  try {
    await play(phase, order, run, report);
    return [...said, ...findFaults(history, dumps)];
  } finally {
    await run.stop();
    await world.close();
  }
}

function createWorld({ isReal, dataPath }: Order, phase: number): World {
  if (!isReal) return createSimWorld();
  if (dataPath === undefined) return createProcessWorld();
  mkdirSync(dataPath, { recursive: true, mode: 0o700 });
  return createProcessWorld({ dataPath: join(dataPath, `phase-${phase}`) });
}

function createRun({ protocol, seed }: Order, world: World, report: Report, history: Operation[]) {
  return new Run({
    createCluster: (chosen, options) => world.createCluster({ protocol: chosen, options, seed }),
    protocols: [protocol],
    protocol,
    options: completeOptions(protocol, {}),
    seed,
    report,
    onOperation: (operation) => history.push(operation),
  });
}

async function play(phase: Phase, { protocol }: Order, run: Run, report: Report): Promise<void> {
  const table = new CommandTable([protocol]);
  const interpreter = new Interpreter({ run, table, report, isStrict: true });
  for (const [index, text] of phase.lines.entries()) {
    await interpreter.do({ number: index + 1, text });
  }
  interpreter.end();
  await run.quiesce();
}

/** The dump that an answer shows; undefined for the answer to anything else. */
function readDump(text: string, behind: number): ShownDump | undefined {
  const { scope, entries } = JSON.parse(text) as Partial<ShownDump>;
  return scope === undefined ? undefined : { scope, behind, entries };
}

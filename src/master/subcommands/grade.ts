// `causeway grade PROTOCOL`: runs the six phases and prints the points of each, as the grading of
// the course project does that this design comes from. What is right follows from the history.
import type { Operation } from '../../kernel/history.ts';
import { completeOptions, type Protocol } from '../../kernel/protocol.ts';
import { CommandTable } from '../commandTable.ts';
import { EXIT } from '../exitStatus.ts';
import { Interpreter } from '../interpreter.ts';
import { Report } from '../report.ts';
import { Run } from '../run.ts';
import type { RunSubcommand, SubcommandSetup } from '../subcommand.ts';
import { createProcessWorld, createSimWorld, type World } from '../worlds.ts';
import { findFaults, type ShownDump } from './gradeJudge.ts';
import { listPhases, type Phase } from './gradePhases.ts';

const USAGE = 'causeway grade PROTOCOL [--processes] [--seed N]';
const SEED = /^(?:0|[1-9][0-9]{0,8})$/;

interface Order {
  readonly protocol: Protocol;
  readonly isReal: boolean;
  readonly seed: number;
}

/** Exit status 0 only if every phase has all of its points. */
export const runGrade: RunSubcommand = async (setup) => {
  const { output, interruption } = setup;
  const order = readOrder(setup);
  if (typeof order === 'string') {
    output.diagnostic(`causeway: ${order}; usage: ${USAGE}\n`);
    return EXIT.usage;
  }
  let total = 0;
  let most = 0;
  for (const [index, phase] of listPhases(order.protocol.name).entries()) {
    const faults = await Promise.race([gradePhase(phase, order), interruption.happened]);
    if (typeof faults === 'number') return faults;
    const points = faults.length === 0 ? phase.points : 0;
    total += points;
    most += phase.points;
    output.answer(`phase ${index + 1}: ${points}/${phase.points}  ${phase.title}\n`);
    for (const fault of faults) output.diagnostic(`causeway: phase ${index + 1}: ${fault}\n`);
  }
  output.answer(`total: ${total}/${most}\n`);
  return total === most ? EXIT.ok : EXIT.violated;
};

/** What is asked for, or what is wrong with it. */
function readOrder({ words, protocols }: SubcommandSetup): Order | string {
  const [name, ...rest] = words;
  const protocol = protocols.find((known) => known.name === name);
  if (protocol === undefined) return name === undefined ? 'no protocol is named' : 'no protocol';
  if (protocol.scopes?.['@'] === undefined || protocol.scopes['*'] === undefined) {
    return `protocol ${protocol.name} cannot show all of its keys`;
  }
  let isReal = false;
  let seed = 1;
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at];
    if (word === '--processes') isReal = true;
    else if (word === '--seed' && SEED.test(rest[at + 1] ?? '')) {
      at += 1;
      seed = Number(rest[at]);
    } else return `not understood: ${word}`;
  }
  return { protocol, isReal, seed };
}

/** Runs a phase in a world of its own. Gives what is wrong with it. */
async function gradePhase(phase: Phase, order: Order): Promise<readonly string[]> {
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
  const world: World = order.isReal ? createProcessWorld() : createSimWorld();
  const run = createRun(order, world, report, history);
  try {
    await play(phase, order, run, report);
    return [...said, ...findFaults(history, dumps)];
  } finally {
    await run.stop();
    await world.close();
  }
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

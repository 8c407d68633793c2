// The arguments of `swarm`, `fuzz` and `replay`: their names, and the errors in them.

import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Design } from '../../kernel/design.ts';
import type { Protocol } from '../../kernel/protocol.ts';
import { chooseOurs } from '../../language/choice.ts';
import { whyMisclaimed } from '../../language/claims.ts';
import { LineError } from '../../language/lineError.ts';
import type { FaultPlan } from '../../sim/faultPlan.ts';
import { readSchedule } from '../../sim/faultText.ts';
import { STRETCH } from '../../sim/priorities.ts';
import { faultsOption, seedOption } from '../chanceOptions.ts';
import { EXIT } from '../exitStatus.ts';
import type { Output } from '../output.ts';
import { pathArgument, pathOption } from '../pathWords.ts';
import { parseOrSay } from '../reply.ts';
import { whole } from './wholeOption.ts';

export interface SwarmOptions {
  readonly protocol: Protocol;
  readonly seeds: number;
  readonly from: number;
  readonly jobs: number;
  readonly outPath: string | undefined;
  readonly seed: number | undefined;
  readonly faults: FaultPlan | undefined;
  /** How delays are chosen, in place of what a seed draws (`NetworkPlan`). */
  readonly depth: number | undefined;
  readonly tracePath: string | undefined;
  /** The path of a script, if one was named. */
  readonly path: string | undefined;
}

const MOST_JOBS = 256;
const USUAL_SEEDS = 1_000;

interface Given {
  protocol?: string;
  seeds?: number;
  from?: number;
  jobs?: number;
  out?: string;
  seed?: number;
  faults?: FaultPlan;
  schedule?: number;
  trace?: string;
}

type Name = 'swarm' | 'fuzz' | 'replay';

const ABOUT: Readonly<Record<Name, string>> = {
  swarm:
    'Runs random scripts under random faults in simulation, one for each seed, on all cores; ' +
    'says which broke a guarantee of the protocol, and what all of them together exercised.',
  fuzz:
    'Looks for a seed whose random script breaks a guarantee of the protocol, shrinks it to the ' +
    'few lines that matter, and writes them down with the command that runs them again.',
  replay:
    "Runs one seed's random script again, or with --seed and --faults the one that is named; " +
    'shows it, what each line said, and how it was judged.',
};

/**
 * If there is nothing to run, or the protocol claims what no run can be judged by, prints the
 * reason and returns an exit status.
 */
export function readSwarmOptions(
  name: Name,
  words: readonly string[],
  protocols: readonly Design[],
  output: Output,
): SwarmOptions | number {
  const options = parseOrSay(
    describe(name),
    words,
    (program) => complete(program.opts<Given>(), program.args[0], protocols),
    output,
  );
  const wrong = typeof options === 'number' ? undefined : whyMisclaimed(options.protocol);
  if (wrong === undefined) return options;
  output.diagnostic(`causeway: ${name}: ${wrong}\n`);
  return EXIT.bug;
}

function describe(name: Name): Command {
  const program = new Command(`causeway ${name}`)
    .description(ABOUT[name])
    .option('--protocol <name>', 'the replication design')
    .addOption(scheduleOption())
    .allowExcessArguments(false)
    .helpOption('-h, --help', 'show this')
    .exitOverride();
  if (name === 'replay') {
    return program
      .addArgument(pathArgument('[script]', 'a script instead of the random one'))
      .addOption(seedOption())
      .addOption(faultsOption())
      .addOption(
        pathOption('--trace <file>', 'write what happened, event by event, as JSON lines'),
      );
  }
  program
    .addOption(whole('--seeds <n>', `how many seeds to try; ${USUAL_SEEDS} unless told`))
    .addOption(whole('--from <k>', 'the first seed, 1 unless told'))
    .addOption(whole('--jobs <j>', 'processes that work at once; one a core unless told'));
  return name === 'fuzz'
    ? program.addOption(
        pathOption('--out <file>', 'where to write the script; on stdout unless told'),
      )
    : program;
}

function scheduleOption(): Option {
  const about =
    'how the delays of messages are chosen: `uniform`, each by itself; `pct:2`, by priorities of ' +
    `links, one of which changes in every ${STRETCH} messages; \`pct:3\`, two of which change. ` +
    '`uniform` unless told';
  return new Option('--schedule <name>', about).argParser((text) => {
    try {
      return readSchedule(text);
    } catch (error) {
      throw new InvalidArgumentError((error as Error).message);
    }
  });
}

function complete(
  given: Given,
  path: string | undefined,
  protocols: readonly Design[],
): SwarmOptions {
  const { seeds = USUAL_SEEDS, from = 1, jobs = availableParallelism(), seed } = given;
  if (jobs > MOST_JOBS) throw new LineError('E_ARGS', `${MOST_JOBS} jobs are the most`);
  if (path === undefined && given.faults !== undefined) {
    throw new LineError('E_ARGS', 'a random script has its own faults: name a script for --faults');
  }
  return {
    protocol: chooseOurs(protocols, given.protocol ?? protocols[0]?.name ?? ''),
    seeds,
    from,
    jobs: Math.min(jobs, seeds),
    outPath: given.out,
    seed,
    faults: given.faults,
    depth: given.schedule,
    tracePath: given.trace,
    path,
  };
}

// The program's command line: its options, their values, and the errors in them.

import { Command, InvalidArgumentError, Option } from 'commander';
import type { Design, Options } from '../kernel/design.ts';
import { isEngine } from '../kernel/engine.ts';
import { DEFAULT_SEED } from '../kernel/seed.ts';
import { STORAGE, STORAGE_OPTION } from '../kernel/storageOption.ts';
import { chooseOptions, chooseProtocol, readOptions } from '../language/choice.ts';
import { ASKED, type Asked, isAsked } from '../language/claims.ts';
import { LineError } from '../language/lineError.ts';
import { adviseNearest } from '../language/nearest.ts';
import type { FaultPlan } from '../sim/faultPlan.ts';
import { faultsOption, seedOption } from './chanceOptions.ts';
import { checkWorld } from './checkWorld.ts';
import { EXIT } from './exitStatus.ts';
import { pathArguments, pathOption } from './pathWords.ts';
import { parseWith, type Reply } from './reply.ts';
import { settingOption } from './settingOption.ts';
import { readVersion } from './version.ts';

export interface Invocation {
  /** Paths; none means stdin. */
  readonly scripts: readonly string[];
  readonly isSim: boolean;
  /** The faults of the simulated network; it is healthy if absent. */
  readonly faults: FaultPlan | undefined;
  readonly seed: number;
  readonly protocol: Design;
  readonly options: Options;
  readonly tracePath: string | undefined;
  readonly historyPath: string | undefined;
  readonly reportPath: string | undefined;
  readonly junitPath: string | undefined;
  readonly endpointsPath: string | undefined;
  /** The outputs of which the run must print one. */
  readonly goldenPath: string | undefined;
  /** Whether servers keep logs unless the script chooses otherwise. */
  readonly isLogged: boolean;
  /** Where real servers keep their logs. */
  readonly dataPath: string | undefined;
  /** The levels for which to judge the run at its end; if empty, the strongest level that held. */
  readonly checkLevels: readonly Asked[] | undefined;
  readonly isStrict: boolean;
  readonly isQuiet: boolean;
  readonly isJson: boolean;
  /** The page to print instead of running anything, if one was asked for. */
  readonly page: 'language' | 'messages' | undefined;
}

/** In place of a script's path. */
const STDIN = '-';

/** The values of these options. */
export interface GivenOptions {
  sim?: true;
  faults?: FaultPlan;
  seed: number;
  protocol?: string;
  set?: ReadonlyMap<string, string>;
  gossip?: string;
  trace?: string;
  history?: string;
  report?: string;
  junit?: string;
  endpoints?: string;
  storage?: string;
  data?: string;
  check?: true | readonly Asked[];
  golden?: string;
  strict?: true;
  quiet?: true;
  json?: true;
  language?: true;
  messages?: true;
}

/** A line of the help about a subcommand: `check`, and what it does. */
interface Beside {
  readonly name: string;
  readonly about: string;
}

/** `words` are the arguments after the program's name. */
export function parseCommandLine(
  words: readonly string[],
  protocols: readonly Design[],
  subcommands: readonly Beside[] = [],
): Invocation | Reply {
  try {
    return parseWith(
      describeProgram().addHelpText('after', listBeside(subcommands)),
      words,
      (program) => toInvocation(program.opts<GivenOptions>(), program.args, protocols),
    );
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
    return { stdout: '', stderr: `causeway: ${error.message}\n`, status: EXIT.usage };
  }
}

/** The options as one table: `--seed <n>`, what it does. */
export function listOptions(): (readonly [flags: string, about: string])[] {
  return describeProgram().options.map(({ flags, description }) => [flags, description]);
}

function describeProgram(): Command {
  const program = new Command('causeway')
    .description(
      'Runs scripts that start servers and clients of a replicated key-value store, cut and ' +
        'heal links, kill and restart, put and get. Reads stdin when no script, or -, is named; ' +
        'at a terminal that is the console.',
    )
    .addArgument(pathArguments('[script...]', 'scripts, each run in a world of its own'));
  return addRunOptions(program)
    .addOption(
      pathOption(
        '--golden <file>',
        'compare what the script prints with the outputs that the subcommand record found',
      ),
    )
    .addOption(
      pathOption(
        '--junit <file>',
        "write what each expectation and check came to, as JUnit's XML, for a CI system",
      ),
    )
    .option('--language', 'print the reference of the script language')
    .option('--messages', 'print the messages of the protocol: who sends which to whom')
    .version(readVersion(), '--version')
    .helpOption('-h, --help', 'show this')
    .exitOverride();
}

/** The options of every command that runs a script. */
export function addRunOptions(command: Command): Command {
  return command
    .option('--sim', 'run in one process, over virtual time')
    .addOption(seedOption().default(DEFAULT_SEED))
    .addOption(faultsOption())
    .option('--protocol <name>', 'the replication design, as the command protocol chooses it')
    .addOption(settingOption())
    .option('--gossip <when>', "the option gossip of the protocol: 'eager', 'off', '200ms'")
    .option('--storage <where>', "the option storage of the protocol: 'memory', 'log'")
    .addOption(
      pathOption(
        '--data <folder>',
        'keep logs in this folder, so that another run can continue from them',
      ),
    )
    .addOption(pathOption('--trace <file>', 'write what happened, event by event, as JSON lines'))
    .addOption(
      pathOption(
        '--history <file>',
        'write what clients did, and earlier runs left, as JSON lines',
      ),
    )
    .addOption(
      pathOption(
        '--report <file>',
        'write a page (HTML) that shows the run: its answers, diagram, stores and verdict',
      ),
    )
    .addOption(pathOption('--endpoints <file>', 'write the addresses of the nodes, and the tokens'))
    .addOption(
      new Option(
        '--check [level]',
        'judge the run at its end, as the command check does, on stderr; once for each level, ' +
          'or for all that the protocol claims: claims',
      ).argParser((word, before: unknown) => {
        if (isAsked(word)) return Array.isArray(before) ? [...before, word] : [word];
        const levels = `${ASKED.join(', ')}${adviseNearest(word, ASKED)}`;
        throw new InvalidArgumentError(`A level is one of ${levels}. Scripts come after --.`);
      }),
    )
    .option('--strict', 'stop at the first bad line')
    .option('--quiet', 'no notes on stderr, errors only')
    .option('--json', 'answers as JSON lines');
}

/** A script with the name of a subcommand must be given by its path, `./check`. */
function listBeside(subcommands: readonly Beside[]): string {
  const lines = subcommands.map(({ name, about }) => `  ${name.padEnd(12)}${about}`);
  return ['', 'Instead of a script (each has a --help of its own):', ...lines].join('\n');
}

/** Throws a LineError for options that contradict each other. */
export function toInvocation(
  given: GivenOptions,
  scripts: readonly string[],
  protocols: readonly Design[],
): Invocation {
  if (given.endpoints !== undefined && given.sim) {
    throw new LineError('E_ARGS', 'a simulation has no endpoints');
  }
  if (given.report !== undefined && scripts.length > 1) {
    throw new LineError('E_ARGS', '--report is of one run: name one script');
  }
  if (given.golden !== undefined && scripts.length > 1) {
    throw new LineError('E_ARGS', '--golden is of one script: name one');
  }
  if (given.golden !== undefined && given.json) {
    throw new LineError('E_ARGS', '--golden compares plain answers: leave --json out');
  }
  if (scripts.length > 1 && scripts.includes(STDIN)) {
    throw new LineError('E_ARGS', `${STDIN} is stdin, and stands alone; a file is ./${STDIN}`);
  }
  const isLogged = readStorage(given);
  const [first] = protocols;
  const protocol = chooseProtocol(protocols, given.protocol ?? first?.name ?? '');
  checkWorld(given, protocol);
  const settings = new Map(given.set ?? []);
  if (given.gossip !== undefined) settings.set('gossip', given.gossip);
  if (isLogged) settings.set(STORAGE, 'log');
  return {
    scripts: scripts.filter((path) => path !== STDIN),
    isSim: given.sim === true,
    faults: given.faults,
    seed: given.seed,
    protocol,
    // The script may give what a store of others still lacks.
    options: isEngine(protocol)
      ? readOptions(protocol, settings)
      : chooseOptions(protocol, settings),
    isLogged,
    dataPath: given.data,
    tracePath: given.trace,
    historyPath: given.history,
    reportPath: given.report,
    junitPath: given.junit,
    endpointsPath: given.endpoints,
    goldenPath: given.golden,
    checkLevels: given.check === true ? [] : given.check,
    isStrict: given.strict === true,
    isQuiet: given.quiet === true,
    isJson: given.json === true,
    page: given.language ? 'language' : given.messages ? 'messages' : undefined,
  };
}

/**
 * True for a log, which a folder also implies. Throws a LineError if the two contradict each other.
 */
function readStorage({
  data,
  storage = data === undefined ? 'memory' : 'log',
  sim,
}: GivenOptions): boolean {
  const refusal = STORAGE_OPTION.refuse(storage);
  if (refusal !== undefined) throw new LineError('E_ARGS', `--storage is ${refusal}`);
  const isLogged = storage === 'log';
  if (data === undefined) return isLogged;
  if (sim) throw new LineError('E_ARGS', 'a simulation keeps nothing in a folder');
  if (!isLogged) throw new LineError('E_ARGS', '--data is for --storage log');
  return true;
}

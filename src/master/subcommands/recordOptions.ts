// The arguments of `record`, and the errors in them.
import { statSync } from 'node:fs';
import { extname } from 'node:path';
import { Command } from 'commander';
import { LineError } from '../../language/lineError.ts';
import { type GivenOptions, type Invocation, toInvocation } from '../commandLine.ts';
import { whySame } from '../namedFile.ts';
import { pathArgument, pathOption } from '../pathWords.ts';
import { parseOrSay } from '../reply.ts';
import { describeRunOptions } from '../runOptions.ts';
import type { SubcommandSetup } from '../subcommand.ts';
import { whole } from './wholeOption.ts';

export interface RecordOrder {
  readonly invocation: Invocation;
  /** Those of all runs, as describeRunOptions tells them. */
  readonly options: string;
  /** Of the script. */
  readonly path: string;
  /** Of the file with its outputs. */
  readonly outPath: string;
  readonly seeds: number;
  readonly from: number;
  /** How often to run it on real processes; undefined to record. */
  readonly runs: number | undefined;
}

const USUAL_SEEDS = 100;
const ENDING = '.golden';

interface Given {
  protocol?: string;
  gossip?: string;
  storage?: string;
  seeds?: number;
  from?: number;
  out?: string;
  runs?: number;
}

/** If there is nothing to record, prints the reason and returns an exit status. */
export function readRecordOrder(setup: SubcommandSetup): RecordOrder | number {
  const { words, protocols, output } = setup;
  const read = (command: Command): RecordOrder => {
    const given = command.opts<Given>();
    const path = command.args[0] as string;
    const { seeds = USUAL_SEEDS, from = 1, runs, out, protocol, gossip, storage } = given;
    if (runs !== undefined && (given.seeds ?? given.from) !== undefined) {
      throw new LineError('E_ARGS', '--runs records nothing: leave --seeds and --from out');
    }
    if (path === '-') throw new LineError('E_ARGS', 'a script from stdin cannot be run often');
    if (out === undefined && !hasFolder(path)) {
      throw new LineError('E_ARGS', `${path} is no plain file: name the golden file with --out`);
    }
    const outPath = out ?? withEnding(path);
    const why = whySame(path, outPath);
    if (why !== undefined) throw new LineError('E_ARGS', why);
    const run: GivenOptions = {
      seed: from,
      quiet: true,
      ...(runs === undefined && { sim: true }),
      ...(protocol !== undefined && { protocol }),
      ...(gossip !== undefined && { gossip }),
      ...(storage !== undefined && { storage }),
    };
    const invocation = toInvocation(run, [path], protocols);
    const options = describeRunOptions(invocation, protocols);
    return { invocation, options, path, outPath, seeds, from, runs };
  };
  return parseOrSay(createCommand(), words, read, output);
}

function createCommand(): Command {
  return new Command('causeway record')
    .description(
      'Runs a script in simulation, three times for each seed: with the usual delays, with some ' +
        'of the messages much later, and with links of different speed. Writes all the outputs ' +
        'that it had into one file, each line once. `causeway --golden FILE` compares a run with ' +
        'them.',
    )
    .addArgument(pathArgument('<script>', 'the script'))
    .addOption(whole('--seeds <n>', `how many seeds to try; ${USUAL_SEEDS} unless told`))
    .addOption(whole('--from <k>', 'the first seed, 1 unless told'))
    .addOption(pathOption('--out <file>', `the file; the script's name with ${ENDING} unless told`))
    .addOption(
      whole(
        '--runs <n>',
        'record nothing: run the script n times on real processes, and say which of the ' +
          'recorded outputs they printed, and which never',
      ),
    )
    .option('--protocol <name>', 'the replication design, as the command protocol chooses it')
    .option('--gossip <when>', "the option gossip of the protocol: 'eager', 'off', '200ms'")
    .option('--storage <where>', "the option storage of the protocol: 'memory', 'log'")
    .allowExcessArguments(false)
    .helpOption('-h, --help', 'show this')
    .exitOverride();
}

/** A pipe or a device has no folder of its own for a file beside it. */
function hasFolder(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined || stats.isFile() || stats.isDirectory();
}

function withEnding(path: string): string {
  const ending = extname(path);
  return `${ending === '' ? path : path.slice(0, -ending.length)}${ENDING}`;
}

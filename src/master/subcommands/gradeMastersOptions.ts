// The arguments of `grade --command`: which program is graded, with which suite, and what is
// written.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { findBundles } from '../../processes/nodeProcess.ts';
import type { Output } from '../output.ts';
import { pathArgument, pathOption } from '../pathWords.ts';
import { parseOrSay } from '../reply.ts';
import { isFolder } from '../submissions/loadSuite.ts';
import { whole } from './wholeOption.ts';

export const FORMATS = ['text', 'gradescope', 'classroom50', 'junit'] as const;
export type Format = (typeof FORMATS)[number];

export interface MastersOrder {
  readonly suite: string;
  readonly command: string;
  /** The folder of the one submission, or undefined. */
  readonly submission: string;
  /** The folder that has a folder for each submission. */
  readonly submissions: string | undefined;
  readonly jobs: number;
  readonly only: readonly string[];
  readonly isShrinking: boolean;
  readonly format: Format;
  readonly outPath: string | undefined;
  readonly pagePath: string | undefined;
  readonly csvPath: string | undefined;
  /** What lines that are no answers match. */
  readonly ignored: RegExp | undefined;
  /** Names of variables that submissions get besides the usual ones. */
  readonly environment: readonly string[];
}

interface Flags {
  readonly command: string;
  readonly submission: string;
  readonly submissions?: string;
  readonly jobs: number;
  readonly only?: readonly string[];
  readonly prefix: boolean;
  readonly format: Format;
  readonly out?: string;
  readonly page?: string;
  readonly csv?: string;
  readonly ignore?: RegExp;
  readonly env?: readonly string[];
}

/** Whether the arguments of `grade` ask for the grading of a master. */
export function isForMasters(words: readonly string[]): boolean {
  return words.some((word) => word === '--command' || word.startsWith('--command='));
}

const collect = (word: string, before: readonly string[] = []): string[] => [...before, word];

export function mastersCommand(): Command {
  return new Command('causeway grade')
    .usage('--command <command> [options] <suite>')
    .description(
      'Grades a master in any language: a program that reads a script on standard input and ' +
        'prints the answers. It runs on each script of a suite; prints points and faults.',
    )
    .addArgument(
      pathArgument('<suite>', 'a folder with a suite.json, or the name of a suite that is shipped'),
    )
    .requiredOption('--command <command>', 'what starts the master, for the shell')
    .addOption(
      pathOption('--submission <folder>', 'the folder in which it runs').default(
        '.',
        'this folder',
      ),
    )
    .addOption(pathOption('--submissions <folder>', 'every folder in it is a submission'))
    .addOption(whole('--jobs <n>', 'how many submissions run at a time').default(1))
    .option('--only <script>', 'this script of the suite only; may be repeated', collect)
    .addOption(
      new Option(
        '--ignore <pattern>',
        'lines of the output that match this regular expression are no answers, and cost nothing',
      ).argParser(readPattern),
    )
    .option('--no-prefix', 'do not look for the smallest beginning of a script that fails')
    .addOption(
      new Option('--format <name>', 'the form of the results').choices(FORMATS).default('text'),
    )
    .addOption(pathOption('--out <file>', 'where the results go; a folder with --submissions'))
    .addOption(pathOption('--page <file>', 'a page (HTML) as well; a folder with --submissions'))
    .addOption(pathOption('--csv <file>', 'a table of all points, for a spreadsheet'))
    .option(
      '--env <name>',
      'a variable of the environment that masters get as well; may be repeated',
      collect,
    )
    .allowExcessArguments(false)
    .helpOption('-h, --help', 'show this')
    .exitOverride();
}

/** An exit status if there is nothing to grade. */
export function readMastersOrder(words: readonly string[], output: Output): MastersOrder | number {
  const command = mastersCommand();
  const read = (): MastersOrder => {
    const flags = command.opts<Flags>();
    const isMany = flags.submissions !== undefined;
    const isOneToo = command.getOptionValueSource('submission') === 'cli';
    if (isMany && isOneToo) refuse(command, 'either --submission or --submissions');
    if (flags.command.trim() === '') refuse(command, '--command names no command');
    if (isMany && flags.format !== 'text' && flags.out === undefined) {
      refuse(command, `--format ${flags.format} of many submissions needs --out <folder>`);
    }
    return {
      suite: findSuite(command.args[0] as string),
      command: flags.command,
      submission: flags.submission,
      submissions: flags.submissions,
      jobs: flags.jobs,
      only: flags.only ?? [],
      isShrinking: flags.prefix,
      format: flags.format,
      outPath: flags.out,
      pagePath: flags.page,
      csvPath: flags.csv,
      ignored: flags.ignore,
      environment: flags.env ?? [],
    };
  };
  return parseOrSay(command, words, read, output);
}

function readPattern(text: string): RegExp {
  try {
    return new RegExp(text, 'u');
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}

function refuse(command: Command, why: string): never {
  return command.error(`causeway: ${why}`);
}

/** A folder, or the name of a suite that belongs to the program. */
function findSuite(name: string): string {
  if (existsSync(name) || !/^[a-z0-9-]+$/.test(name)) return name;
  const shipped = join(findBundles(), '..', 'suites', name);
  return isFolder(shipped) ? shipped : name;
}

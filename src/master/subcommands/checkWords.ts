// The arguments of `causeway check`: their names, their values, and the errors in them.

import { Command, InvalidArgumentError, Option } from 'commander';
import {
  type HistoryLevel,
  LEVEL_MEANINGS,
  LEVELS,
  TRANSACTION_LEVELS,
} from '../../checkers/index.ts';
import {
  FORMATS,
  type Format,
  type InitialValue,
  readInitialValues,
} from '../../histories/index.ts';
import { adviseNearest } from '../../language/nearest.ts';
import { EXIT } from '../exitStatus.ts';
import { pathArgument, pathOption } from '../pathWords.ts';
import { parseWith, type Reply } from '../reply.ts';

export interface CheckRequest {
  /** Undefined for stdin. */
  readonly path: string | undefined;
  /** Undefined if the first lines are to tell. */
  readonly format: Format | undefined;
  /** If empty, the summary: the levels that held and those that are broken. */
  readonly levels: readonly FileLevel[];
  readonly isJson: boolean;
  readonly budget: number | undefined;
  /** What keys held before the history. */
  readonly initial: readonly InitialValue[];
  /** The format in which to write the history. */
  readonly target: Format | undefined;
  /** The output file; undefined for stdout. */
  readonly targetPath: string | undefined;
  readonly isSplit: boolean;
}

interface Given {
  format?: Format;
  level: FileLevel[];
  json?: true;
  budget?: number;
  initial: InitialValue[];
  to?: Format;
  out?: string;
  split?: true;
}

/** The levels for which a file can be judged. */
export type FileLevel = HistoryLevel | 'convergence';

const FILE_LEVELS: readonly FileLevel[] = [...LEVELS, ...TRANSACTION_LEVELS, 'convergence'];

/** A file has no stores. */
const MEANINGS: Readonly<Record<FileLevel, string>> = {
  ...LEVEL_MEANINGS,
  convergence:
    'After the last change of a set, the last read of each client finds the same, and lacks ' +
    'nothing that was added and that no client removed.',
};

const BUDGET = /^[1-9][0-9]{0,8}$/;

export function parseCheckWords(words: readonly string[]): CheckRequest | Reply {
  return parseWith(describeCheck(), words, (command) =>
    toRequest(command.opts<Given>(), command.args[0]),
  );
}

function describeCheck(): Command {
  const names = FORMATS.map(({ name, about }) => `  ${name.padEnd(14)}${about}`).join('\n');
  const levels = FILE_LEVELS.map((level) => `  ${level}\n      ${MEANINGS[level]}`).join('\n');
  return new Command('causeway check')
    .description(
      'Judges a history that Causeway or another tool has written, or writes it in another ' +
        'format. Reads stdin when no file is named, or -.',
    )
    .addArgument(pathArgument('[file]', 'the history'))
    .addOption(
      new Option('--format <name>', 'its format; without this, the first lines tell').argParser(
        toFormat,
      ),
    )
    .addOption(
      new Option('--level <level>', 'what to judge it for; may be given several times')
        .default([], 'what held and what broke')
        .argParser(addLevel),
    )
    .option('--json', 'the verdict as one line of JSON')
    .addOption(
      new Option('--budget <n>', 'how many states a search may remember').argParser((text) => {
        if (BUDGET.test(text)) return Number(text);
        throw new InvalidArgumentError('A budget is a whole number from 1 to 999999999.');
      }),
    )
    .addOption(
      new Option('--initial <values>', 'what keys held at first: 0 for all, or x=0,y=1')
        .default([], 'nothing')
        .argParser((text, former: readonly InitialValue[]) => [
          ...former,
          ...readInitialValues(text),
        ]),
    )
    .addOption(
      new Option('--to <name>', 'write the history in this format, on stdout').argParser(toFormat),
    )
    .addOption(pathOption('--out <file>', 'where to write it instead'))
    .option('--split', 'let a client go on as another one after an operation without an answer')
    .addHelpText('after', `\nFormats:\n${names}\n\nLevels:\n${levels}`)
    .helpOption('-h, --help', 'show this')
    .allowExcessArguments(false)
    .exitOverride();
}

function toFormat(text: string): Format {
  const format = FORMATS.find(({ name }) => name === text);
  if (format !== undefined) return format;
  const names = FORMATS.map(({ name }) => name).join(', ');
  throw new InvalidArgumentError(`A format is one of ${names}.`);
}

function addLevel(word: string, former: readonly FileLevel[]): FileLevel[] {
  const level = FILE_LEVELS.find((known) => known === word);
  if (level === undefined) {
    const levels = `${FILE_LEVELS.join(', ')}${adviseNearest(word, FILE_LEVELS)}`;
    throw new InvalidArgumentError(`A level is one of ${levels}.`);
  }
  return former.includes(level) ? [...former] : [...former, level];
}

function toRequest(given: Given, path: string | undefined): CheckRequest | Reply {
  const { to, out, split } = given;
  const lone = out !== undefined ? '--out' : split ? '--split' : undefined;
  if (to === undefined && lone !== undefined) return usage(`${lone} has no meaning without --to`);
  return {
    path: path === '-' ? undefined : path,
    format: given.format,
    levels: given.level,
    isJson: given.json === true,
    budget: given.budget,
    initial: given.initial,
    target: to,
    targetPath: out,
    isSplit: split === true,
  };
}

function usage(why: string): Reply {
  return { stdout: '', stderr: `causeway: ${why}\n`, status: EXIT.usage };
}

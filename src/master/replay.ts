// The report of a bug: its stack, and the command that reproduces it.
import type { Design } from '../kernel/design.ts';
import { NodeBug } from '../kernel/errors.ts';
import { tellBug } from '../rpc/bugReport.ts';
import { type Invocation, parseCommandLine } from './commandLine.ts';
import { quoteWord } from './quoteWord.ts';

/**
 * The command that repeats the run: randomness starts from the same seed. `words` are those after
 * the name of the subcommand, if there is one.
 */
export function describeReplay(
  words: readonly string[],
  { seed, scripts }: Invocation,
  subcommand?: string,
): string {
  const seeded = words.some((word) => /^--seed(=|$)/.test(word)) ? [] : ['--seed', String(seed)];
  if (subcommand !== undefined) return commandOf([subcommand, ...seeded, ...words]);
  return `${commandOf([...seeded, ...words])}${scripts.length === 0 ? ' < SCRIPT' : ''}`;
}

function commandOf(words: readonly string[]): string {
  return `node master.js ${words.map(quoteWord).join(' ')}`;
}

export function describeBug(error: unknown, replay: string): string {
  return `${locate(error)}causeway: replay: ${replay}\n`;
}

/**
 * For a bug that appears outside a run, where only the program's arguments are known. A subcommand
 * has a seed of its own, or none.
 */
export function describeLooseBug(
  error: unknown,
  words: readonly string[],
  protocols: readonly Design[],
  hasSubcommand: boolean,
): string {
  if (hasSubcommand) return describeBug(error, commandOf(words));
  try {
    const invocation = parseCommandLine(words, protocols);
    if (!('status' in invocation)) return describeBug(error, describeReplay(words, invocation));
  } catch {
    // The bug may be in the arguments' own parser: then the report has no replay.
  }
  return locate(error);
}

function locate(error: unknown): string {
  return `causeway: ${error instanceof NodeBug ? error.message : tellBug(error)}\n`;
}

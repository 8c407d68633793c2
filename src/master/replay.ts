// The report of a bug: its stack, and the command that reproduces it.
import type { Design } from '../kernel/design.ts';
import { type Invocation, parseCommandLine } from './commandLine.ts';
import { quoteWord } from './quoteWord.ts';

/** The command that repeats the run: randomness starts from the same seed. */
export function describeReplay(words: readonly string[], { seed, scripts }: Invocation): string {
  const seeded = words.some((word) => /^--seed(=|$)/.test(word)) ? [] : ['--seed', String(seed)];
  const quoted = [...seeded, ...words].map(quoteWord);
  return `node master.js ${quoted.join(' ')}${scripts.length === 0 ? ' < SCRIPT' : ''}`;
}

export function describeBug(error: unknown, replay: string): string {
  return `${locate(error)}causeway: replay: ${replay}\n`;
}

/** For a bug that appears outside a run, where only the program's arguments are known. */
export function describeLooseBug(
  error: unknown,
  words: readonly string[],
  protocols: readonly Design[],
): string {
  try {
    const invocation = parseCommandLine(words, protocols);
    if (!('status' in invocation)) return describeBug(error, describeReplay(words, invocation));
  } catch {
    // The bug may be in the arguments' own parser: then the report has no replay.
  }
  return locate(error);
}

function locate(error: unknown): string {
  const shown = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `causeway: a bug in Causeway: ${shown}\n`;
}

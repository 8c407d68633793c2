// What is said about a bug: where it is, and the command that shows it again.
import type { Protocol } from '../kernel/protocol.ts';
import { type Invocation, parseCommandLine } from './commandLine.ts';
import { quoteWord } from './quoteWord.ts';

/** The command that does the same again: chance begins where it began. */
export function describeReplay(words: readonly string[], { seed, scripts }: Invocation): string {
  const seeded = words.some((word) => /^--seed(=|$)/.test(word)) ? [] : ['--seed', String(seed)];
  const quoted = [...seeded, ...words].map(quoteWord);
  return `node master.js ${quoted.join(' ')}${scripts.length === 0 ? ' < SCRIPT' : ''}`;
}

export function describeBug(error: unknown, replay: string): string {
  return `${locate(error)}causeway: replay: ${replay}\n`;
}

/** For a bug that shows itself outside a run, where only the program's arguments are known. */
export function describeLooseBug(
  error: unknown,
  words: readonly string[],
  protocols: readonly Protocol[],
): string {
  try {
    const invocation = parseCommandLine(words, protocols);
    if (!('status' in invocation)) return describeBug(error, describeReplay(words, invocation));
  } catch {
    // The bug may be in the arguments' own parser: then it is told without a replay.
  }
  return locate(error);
}

function locate(error: unknown): string {
  const shown = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `causeway: a bug in Causeway: ${shown}\n`;
}

// Parses arguments with commander without letting it print or exit: its texts are returned instead.
import { type Command, CommanderError } from 'commander';
import { LineError } from '../language/lineError.ts';
import { EXIT } from './exitStatus.ts';
import type { Output } from './output.ts';

/** The command line asks for no run: the text to print, its stream, and the exit status. */
export interface Reply {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

/** `read` is called when the words have been parsed. `command` must override its exit. */
export function parseWith<T>(
  command: Command,
  words: readonly string[],
  read: (command: Command) => T,
): T | Reply {
  const said = { stdout: '', stderr: '' };
  command.configureOutput({
    writeOut: (text) => {
      said.stdout += text;
    },
    writeErr: (text) => {
      said.stderr += text;
    },
    outputError: (text, write) => write(text.replace(/^error: /, 'causeway: ')),
  });
  try {
    command.parse(words, { from: 'user' });
    return read(command);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { ...said, status: error.exitCode === 0 ? EXIT.ok : EXIT.usage };
  }
}

/**
 * As `parseWith`, for subcommands. If there is nothing to run, prints the reason and returns the
 * exit status. A LineError of `read` counts as wrong usage.
 */
export function parseOrSay<T extends object>(
  command: Command,
  words: readonly string[],
  read: (command: Command) => T,
  output: Output,
): T | number {
  try {
    const result = parseWith(command, words, read);
    if (!('status' in result)) return result;
    output.answer(result.stdout);
    output.diagnostic(result.stderr);
    return result.status;
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
    output.diagnostic(`causeway: ${error.message}\n`);
    return EXIT.usage;
  }
}

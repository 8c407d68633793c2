// Reads and writes whole histories as text, for programs that have the text in memory.
import type { History } from '../checkers/history.ts';
import { type Format, FormatError, type InitialValue, type Written } from './format.ts';
import { FORMATS, GUESSED_LINES, guessFormat } from './table.ts';

/**
 * Reads a history. Without a format name, the format is detected from the first lines. `initial` is
 * what keys held before it. Throws a FormatError that names the line with the error.
 */
export function readHistory(
  text: string,
  formatName?: string,
  initial: readonly InitialValue[] = [],
): History {
  const lines = text.replace(/^\u{feff}/u, '').split(/\r?\n/);
  const reader = chooseFormat(formatName, lines).createReader();
  const count = lines.at(-1) === '' ? lines.length - 1 : lines.length;
  for (const [index, line] of lines.slice(0, count).entries()) reader.take(line, index + 1);
  return reader.end(initial);
}

/**
 * Writes a history line by line, and lists what the format cannot express. Throws a FormatError if
 * an operation cannot be written. Reading the result gives the same operations.
 */
export function writeHistory(history: History, formatName: string): Written {
  return findFormat(formatName).write(history);
}

function chooseFormat(name: string | undefined, lines: readonly string[]): Format {
  if (name !== undefined) return findFormat(name);
  const guessed = guessFormat(lines.slice(0, GUESSED_LINES));
  if (guessed === undefined) throw new FormatError(1, 'a history in no format that is known');
  return guessed;
}

function findFormat(name: string): Format {
  const found = FORMATS.find((format) => format.name === name);
  if (found === undefined) throw new RangeError(`no format is called ${name}`);
  return found;
}

// Whole histories from and to text, for programs that have the text at hand.
import type { History } from '../checkers/history.ts';
import { type Format, FormatError, type Written } from './format.ts';
import { FORMATS, GUESSED_LINES, guessFormat } from './table.ts';

/**
 * Reads a history; without the name of a format, the first lines tell which it is. Throws a
 * FormatError that names the line which is at fault.
 */
export function readHistory(text: string, formatName?: string): History {
  const lines = text.replace(/^\u{feff}/u, '').split(/\r?\n/);
  const reader = chooseFormat(formatName, lines).createReader();
  const count = lines.at(-1) === '' ? lines.length - 1 : lines.length;
  for (const [index, line] of lines.slice(0, count).entries()) reader.take(line, index + 1);
  return reader.end();
}

/**
 * Writes a history line by line, and says what the format has no place for. Throws a FormatError
 * where an operation cannot be written; what is written tells the same operations when it is read.
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

// The console's `help`: all commands, or one of them, in lines that fit the terminal.
import type { Command } from './command.ts';
import { adviseNearest } from './nearest.ts';
import { quote } from './printable.ts';

export type Helped = Pick<Command, 'name' | 'usage' | 'about' | 'prints'>;

/** A longer usage has a line of its own. */
const USAGE_COLUMNS = 29;
const GAP = 2;
/** Narrower than this, what a command does stands below its usage. */
const LEAST_BESIDE = 60;
const INDENT = 2;
/** No narrower: a terminal may say that it has no columns. */
const LEAST_COLUMNS = 20;

/**
 * The text of `help`, in lines of at most so many columns. Without a name a list of all commands;
 * for the name of one what it does and prints; for any other the nearest name.
 */
export function describeHelp(
  commands: readonly Helped[],
  name: string | undefined,
  columns: number,
): string[] {
  const width = Math.max(LEAST_COLUMNS, columns);
  if (name === undefined) return commands.flatMap((command) => describeBriefly(command, width));
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) return wrapWords(describeUnknown(commands, name), width, 0);
  const texts = [command.about, ...(command.prints === '' ? [] : [`prints ${command.prints}`])];
  return [
    ...wrapWords(command.usage, width, INDENT, 0),
    ...texts.flatMap((text) => wrapWords(text, width, INDENT)),
  ];
}

function describeUnknown(commands: readonly Helped[], name: string): string {
  const names = commands.map((command) => command.name);
  return `${quote(name)} is no command${adviseNearest(name, names)}; help alone lists all`;
}

function describeBriefly({ usage, about }: Helped, width: number): string[] {
  if (width < LEAST_BESIDE) {
    return [...wrapWords(usage, width, INDENT, 0), ...wrapWords(about, width, INDENT)];
  }
  const lines = wrapWords(about, width, USAGE_COLUMNS + GAP);
  if (usage.length > USAGE_COLUMNS) return [...wrapWords(usage, width, INDENT, 0), ...lines];
  const [first = '', ...others] = lines;
  return [`${usage}${first.slice(usage.length)}`, ...others];
}

/**
 * The text in lines that end between words, each after so many blanks; the first one after
 * `firstIndent`. Only a line of one word may be longer than `width`.
 */
export function wrapWords(
  text: string,
  width: number,
  indent: number,
  firstIndent = indent,
): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const before = ' '.repeat(lines.length === 0 ? firstIndent : indent);
    if (line === '') line = `${before}${word}`;
    else if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = `${' '.repeat(indent)}${word}`;
    }
  }
  return [...lines, line];
}

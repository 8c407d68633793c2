// Lines about the text of the script: they are gone before a line is run (expander.ts,
// includes.ts).

import { type Argument, defineCommand } from '../command.ts';
import { LineError } from '../lineError.ts';
import { quote } from '../printable.ts';
import { concurrently } from './blocks.ts';

/** How often a block is repeated, at most; and how many lines one `repeat` stands for. */
export const REPEATED_LINES = 1_000_000;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const COUNT = /^[1-9][0-9]*$/;

function toName(text: string): string {
  if (NAME.test(text)) return text;
  throw new LineError('E_ARGS', `${quote(text)} is no name: letters, digits and _, no digit first`);
}

export interface Repetition {
  readonly count: number;
  /** The name that has the number of the round, from 1. */
  readonly name: string | undefined;
}

const repetition: Argument<Repetition> = {
  shown: 'n [as name]',
  completion: (before) => (before.length === 1 ? ['as'] : []),
  isRepeated: true,
  read: (words) => {
    const text = words.next() ?? '';
    if (!COUNT.test(text)) {
      throw new LineError('E_ARGS', `${quote(text)} is no number of rounds: 1, 2 and so on`);
    }
    const count = Number(text);
    if (count > REPEATED_LINES) {
      throw new LineError('E_LIMIT', `${REPEATED_LINES} rounds are the most`);
    }
    if (words.isAtEnd) return { count, name: undefined };
    if (words.next() !== 'as') throw new LineError('E_ARGS', 'only as and a name may follow');
    return { count, name: toName(words.next() ?? '') };
  },
};

function neverRun(): never {
  throw new LineError('E_NOT_HERE', 'a line of this kind is part of the text, and cannot be made');
}

export const repeat = defineCommand({
  name: 'repeat',
  args: [repetition],
  about: 'stands for the lines up to `end`, so many times; `as i`: `$i` is the number of the round',
  block: 'opens',
  isGoverning: true,
  run: neverRun,
});

const definition: Argument<{ readonly name: string; readonly value: string }> = {
  shown: 'name = v',
  read: (words) => {
    const name = toName(words.next() ?? '');
    if (words.next() !== '=') throw new LineError('E_ARGS', 'the = after the name is missing');
    if (words.isAtEnd) throw new LineError('E_ARGS', 'the value is missing');
    return { name, value: words.rest() };
  },
};

export const letCommand = defineCommand({
  name: 'let',
  args: [definition],
  about: 'from here on `$name` stands for the rest of this line, in every line; `$$` for a `$`',
  run: neverRun,
});

const includedFile: Argument<string> = {
  shown: 'file',
  read: (words) => {
    if (words.isAtEnd) throw new LineError('E_ARGS', 'the file is missing');
    return words.rest();
  },
};

export const include = defineCommand({
  name: 'include',
  args: [includedFile],
  about: 'stands for the lines of that file, whose name is relative to the folder of the script',
  block: 'outside',
  isGoverning: true,
  run: () => {
    const why = 'there is no file to start from: include works in the scripts of a command line';
    throw new LineError('E_NOT_HERE', why);
  },
});

export const DIRECTIVES = [repeat, letCommand, include];

/** The commands that need an `end`. */
export const OPENERS: readonly string[] = [repeat.name, concurrently.name];

// Runs a page that is to be followed step by step: its commands, its files and its changes, in the
// order in which they stand, in a folder.
//
//   ```console              lines that begin with `$ ` are commands, the others what they print;
//                           `...` stands for any text, one line of it for any lines
//   ```script first.txt     the text of a file
//   ```diff                 a change of files, in the form of git
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import _ from 'lodash';

export interface Block {
  readonly kind: string;
  /** The name of the file that the block is. */
  readonly file: string;
  readonly text: string;
  /** How many blocks the page has before it. */
  readonly index: number;
  /** Where it begins in the page: the character, and the line. */
  readonly at: number;
  readonly line: number;
}

const BLOCK = /^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm;

export function readBlocks(page: string): Block[] {
  return [...page.matchAll(BLOCK)].map((match, index) => {
    const [, kind = '', file = '', text = ''] = match;
    return { kind, file, text, index, at: match.index, line: linesBefore(page, match.index) + 1 };
  });
}

function linesBefore(page: string, at: number): number {
  return page.slice(0, at).split('\n').length - 1;
}

/** The page with another text in one of its blocks. */
export function replaceBlock(page: string, index: number, text: string): string {
  const block = readBlocks(page)[index] as Block;
  const begin = page.indexOf('\n', block.at) + 1;
  return page.slice(0, begin) + text + page.slice(begin + block.text.length);
}

export class Walk {
  readonly #folder: string;
  #status = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Returns the block as it is when its commands have run. */
  follow({ kind, file, text }: Block): string {
    if (kind === 'script') {
      writeFileSync(join(this.#folder, file), text);
      return text;
    }
    if (kind === 'console')
      return readSteps(text)
        .map((step) => this.#take(step))
        .join('');
    if (kind !== 'diff') throw new Error(`a block of an unknown kind: ${kind}`);
    const said = this.#run('git apply --whitespace=error', text);
    if (said !== '') throw new Error(`the change does not apply: ${said}`);
    return text;
  }

  /** What is printed takes the place of what the page shows of it. */
  #take({ command, output }: Step): string {
    const printed = this.#run(command);
    return `$ ${command}\n${elide(output, printed)}`;
  }

  #run(command: string, input = ''): string {
    const line = `exec 2>&1; (exit ${this.#status})\n${command}`;
    const { stdout, status } = spawnSync('bash', ['-c', line], {
      cwd: this.#folder,
      input,
      encoding: 'utf8',
      env: {
        ...process.env,
        NO_COLOR: '1',
        FORCE_COLOR: undefined,
        CAUSEWAY_FULL: undefined,
        CAUSEWAY_TEST_RESULTS: undefined,
      },
    });
    this.#status = status ?? 1;
    return stdout;
  }
}

interface Step {
  readonly command: string;
  readonly output: string;
}

function readSteps(text: string): Step[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const end = step.indexOf('\n');
      return { command: step.slice(0, end), output: step.slice(end + 1) };
    });
}

const REST = '...';

/**
 * What a page shows of what was printed, with as much left out as it leaves out now. Only a line
 * that the page has in full, or that no longer fits, is new.
 */
export function elide(shown: string, printed: string): string {
  const [before, after] = [shown.split('\n').slice(0, -1), printed.split('\n').slice(0, -1)];
  const rest = before.indexOf(REST);
  if (rest === -1) return linesOf(after.map((line, index) => keep(before[index], line)));
  const [head, tail] = [before.slice(0, rest), before.slice(rest + 1)];
  const middle = after.length - tail.length;
  return linesOf([
    ...head.map((line, index) => keep(line, after[index] ?? '')),
    REST,
    ...tail.map((line, index) => keep(line, after[middle + index] ?? '')),
  ]);
}

const linesOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

/** The line of the page if its `...` can stand for what was printed, otherwise what was printed. */
function keep(shown: string | undefined, printed: string): string {
  if (shown === undefined) return printed;
  const pattern = shown.split(REST).map(_.escapeRegExp).join('.*');
  return new RegExp(`^${pattern}$`).test(printed) ? shown : printed;
}

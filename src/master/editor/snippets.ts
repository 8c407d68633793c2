// Snippets of VS Code: each command with its arguments to be filled in, and whole scenarios.
import type { CommandWords, Vocabulary } from '../../web/script/vocabulary.ts';

export interface Snippet {
  readonly prefix: string;
  readonly body: readonly string[];
  readonly description: string;
}

/** A place that the user fills in, in the order of the numbers. */
const hole = (number: number, text: string): string => `\${${number}:${text}}`;

const SCENARIOS: { readonly [name: string]: Snippet } = {
  'a partition': {
    prefix: 'scenario',
    description: 'two servers that a partition separates, and what their clients see',
    body: [
      'joinServer 0',
      'joinServer 1',
      'joinClient 5 0',
      'joinClient 6 1',
      `put 5 ${hole(1, 'x')} ${hole(2, 'before')}`,
      'partition 0 | 1',
      `put 5 $1 ${hole(3, 'during')}`,
      'get 6 $1',
      'heal',
      'stabilize',
      'get 6 $1',
      'check',
      '$0',
    ],
  },
  wait: {
    prefix: 'wait',
    description: 'repeats a look until the answer is as expected',
    body: [
      `wait until get ${hole(1, 'c')} ${hole(2, 'k')} ` +
        `expect $2:${hole(3, 'v')} within ${hole(4, '5s')}`,
    ],
  },
  'operations at once': {
    prefix: 'concurrently',
    description: 'lines that are done at once',
    body: ['concurrently', '\t$0', 'end'],
  },
  'lines again': {
    prefix: 'repeat',
    description: 'repeats lines',
    body: [`repeat ${hole(1, '3')}`, '\t$0', 'end'],
  },
};

/** By name. A command that several protocols have is there once. */
export function createSnippets(vocabulary: Vocabulary): { [name: string]: Snippet } {
  const commands = new Map(
    vocabulary.flatMap(({ commands }) => commands.map((command) => [command.name, command])),
  );
  const own = [...commands.values()]
    .filter(({ name }) => !['concurrently', 'repeat', 'end'].includes(name))
    .map((command) => [command.name, toSnippet(command)] as const);
  return { ...Object.fromEntries(own), ...SCENARIOS };
}

function toSnippet({ name, usage, about }: CommandWords): Snippet {
  let count = 0;
  // Optional arguments are left to the user.
  const words = usage
    .split(' ')
    .slice(1)
    .join(' ')
    .replace(/ ?\[[^\]]*\]/g, '');
  const args = words === '' ? [] : words.trim().split(' ');
  const holes = args.map((word) => {
    // A sign such as `|` or `=` is the same in every line.
    if (/^[=|]$/.test(word)) return word;
    count += 1;
    return hole(count, word.replace(/[\\$}]/g, '\\$&'));
  });
  return { prefix: name, body: [[name, ...holes].join(' ')], description: about };
}

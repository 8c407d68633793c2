// Completions of a line, for the console and the page's editor: commands, live ids, known words.
import { type Design, hasService } from '../kernel/design.ts';
import type { NodeId, Role } from '../kernel/ids.ts';

import { MASTER } from './arguments.ts';
import type { Command, Completion } from './command.ts';

/** A run, or what a text tells of one. */
export interface CompletionRun {
  readonly protocol: Design;
  readonly protocols: readonly Design[];
  /** Live nodes of a role, by id; of both roles when none is named. */
  readonly topology: { ids(role?: Role): NodeId[] };
}

export interface CompletionSetup {
  readonly commands: readonly Command[];
  readonly run: CompletionRun;
  /** Words that the console itself interprets. */
  readonly consoleWords: readonly string[];
}

/** The completions of the last, unfinished word of `text`, and that word. */
export function complete(
  { commands, run, consoleWords }: CompletionSetup,
  text: string,
): [candidates: string[], unfinished: string] {
  const words = text.split(/[ \t]+/);
  if (words[0] === '') words.shift();
  const unfinished = words.pop() ?? '';
  const [name] = words;
  const names = [...commands.map((command) => command.name), ...consoleWords];
  const known = name === undefined ? names : knownWords(commands, words, run);
  const candidates = known
    .filter((word) => word.startsWith(unfinished))
    .map((word) => (word.endsWith('=') ? word : `${word} `));
  return [candidates, unfinished];
}

function knownWords(
  commands: readonly Command[],
  [name, ...before]: readonly string[],
  run: CompletionRun,
): string[] {
  if (name === 'help') return before.length === 0 ? commands.map((command) => command.name) : [];
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) return [];
  const { args } = command;
  const last = args.at(-1);
  const argument = args[before.length] ?? (last?.isRepeated ? last : undefined);
  const { completion = [] } = argument ?? {};
  if (typeof completion !== 'function') return wordsFor(completion, run);
  return completion(before, wordsFor('node', run));
}

function wordsFor(completion: Completion, run: CompletionRun): string[] {
  switch (completion) {
    case 'server':
    case 'client':
      return run.topology.ids(completion).map(String);
    case 'node':
      return run.topology.ids().map(String);
    case 'node or master':
      return [...wordsFor('node', run), ...(hasService(run.protocol) ? [MASTER] : [])];
    case 'protocol':
      return run.protocols.map((protocol) => protocol.name);
    case 'option':
      return Object.keys(run.protocol.options).map((name) => `${name}=`);
    case 'guarantee':
      return Object.keys(run.protocol.guarantees);
    default:
      return [...completion];
  }
}

// Completions for a place in a script that is being edited, as the console has them for its lines:
// the earlier lines tell the protocol and, as far as a text can, the live nodes.
import type { Role } from '../../kernel/ids.ts';
import type { Protocol } from '../../kernel/protocol.ts';
import type { CommandTable } from '../../language/commandTable.ts';
import { complete } from '../../language/completion.ts';
import { protocolAfter } from './vocabulary.ts';

export interface Suggestion {
  readonly word: string;
  /** How the command is used; absent for other words. */
  readonly usage?: string;
  readonly about?: string;
}

export interface Suggestions {
  /** The beginning of the word that they complete. */
  readonly unfinished: string;
  readonly list: readonly Suggestion[];
}

interface Place {
  /** The text up to the place. */
  readonly before: string;
  /** Of a script that names none. */
  readonly protocol: string;
}

export function completeAt(
  { before, protocol }: Place,
  table: CommandTable,
  protocols: readonly Protocol[],
): Suggestions {
  const earlier = before.split('\n');
  const line = earlier.pop() ?? '';
  if (line.trimStart().startsWith('#')) return { unfinished: '', list: [] };
  const name = protocolAfter([...earlier, withLastWordCut(line)], protocol);
  const chosen = protocols.find((one) => one.name === name) ?? protocols[0];
  if (chosen === undefined) return { unfinished: '', list: [] };
  const commands = table.all(chosen.name);
  const run = { protocol: chosen, protocols, topology: { ids: idsIn(earlier) } };
  const [candidates, unfinished] = complete({ commands, run, consoleWords: [] }, line);
  const isCommand = line.trimStart() === unfinished;
  const list = candidates.map((candidate) => {
    const word = candidate.trimEnd();
    const command = isCommand ? commands.find((one) => one.name === word) : undefined;
    return command === undefined ? { word } : { word, usage: command.usage, about: command.about };
  });
  return { unfinished, list };
}

/** The word that is being written names nothing yet. */
function withLastWordCut(line: string): string {
  return line.replace(/[^ \t]*$/, '');
}

const JOINED: Readonly<Record<string, Role>> = { joinServer: 'server', joinClient: 'client' };

function idsIn(lines: readonly string[]): (role?: Role) => number[] {
  const roles = new Map<number, Role>();
  for (const line of lines) {
    const [name = '', id = ''] = line.trim().split(/[ \t]+/);
    const joined = JOINED[name];
    if (joined !== undefined && /^[0-9]+$/.test(id)) roles.set(Number(id), joined);
    if (name === 'killServer' || name === 'killClient') roles.delete(Number(id));
  }
  return (role) => {
    const found = [...roles].filter(([, one]) => role === undefined || one === role);
    return found.map(([id]) => id).sort((a, b) => a - b);
  };
}

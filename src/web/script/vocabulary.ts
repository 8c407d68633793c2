// The words of the script language as data, from the program's own tables: an editor colours and
// explains lines by it. The worker makes it, so that the page does not contain the protocols.
import type { Design } from '../../kernel/design.ts';
import type { Command } from '../../language/command.ts';
import type { CommandTable } from '../../language/commandTable.ts';

/** What a word of a line is. A value is the rest of the line. */
export type WordKind = 'command' | 'id' | 'key' | 'value' | 'word';

export interface CommandWords {
  readonly name: string;
  readonly usage: string;
  readonly about: string;
  readonly prints: string;
  /** Of the arguments, in their order; further words are of the kind `word`. */
  readonly kinds: readonly WordKind[];
}

export interface ProtocolWords {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly CommandWords[];
}

export type Vocabulary = readonly ProtocolWords[];

export function createVocabulary(table: CommandTable, protocols: readonly Design[]): Vocabulary {
  return protocols.map(({ name, summary }) => ({
    name,
    summary,
    commands: table.all(name).map(toWords),
  }));
}

function toWords({ name, usage, about, prints }: Command): CommandWords {
  const words = usage.split(' ').slice(1);
  // `get c k|printStore s expect`: what follows depends on which of several forms a line has.
  const fork = words.findIndex((word) => /^[abcks]\|/.test(word));
  const kinds = words.map((word, at) => (fork !== -1 && at >= fork ? 'word' : kindOf(word)));
  return { name, usage, about, prints, kinds };
}

/** As the usages name arguments: `put c k v`, `breakConnection a b [oneway]`. */
function kindOf(shown: string): WordKind {
  const name = shown.replace(/[[\].]/g, '');
  if (/^[abcs]$/.test(name)) return 'id';
  if (name === 'k') return 'key';
  return name === 'v' ? 'value' : 'word';
}

/** The command that a line of a script for this protocol has; undefined if it has none. */
export function findCommand(
  vocabulary: Vocabulary,
  protocol: string,
  text: string,
): CommandWords | undefined {
  const [name] = text.trimStart().split(/[ \t]/, 1);
  const own = vocabulary.find((one) => one.name === protocol);
  const all = [...(own?.commands ?? []), ...vocabulary.flatMap(({ commands }) => commands)];
  return all.find((command) => command.name === name);
}

/** The protocol that lines after `before` are for: that of the last `protocol` line, if any. */
export function protocolAfter(before: readonly string[], usual: string): string {
  const chosen = before.findLast((line) => /^[ \t]*protocol[ \t]/.test(line));
  return chosen?.trim().split(/[ \t]+/)[1] ?? usual;
}

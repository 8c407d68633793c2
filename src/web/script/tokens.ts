// Divides a line of a script into coloured parts.
import type { Vocabulary, WordKind } from './vocabulary.ts';

export interface Token {
  readonly from: number;
  readonly to: number;
  readonly kind: WordKind | 'comment' | 'number' | 'option' | 'unknown';
}

/** By the command's name: the kinds of its arguments. */
export type KindTable = ReadonlyMap<string, readonly WordKind[]>;

export function toKindTable(vocabulary: Vocabulary): KindTable {
  const commands = vocabulary.flatMap((protocol) => protocol.commands);
  return new Map(commands.map(({ name, kinds }) => [name, kinds]));
}

const WORD = /[^ \t]+/g;

/** Blanks belong to no token. Without a table every first word counts as a command. */
export function tokenize(line: string, table: KindTable | undefined): Token[] {
  const text = line.trimEnd();
  const start = text.search(/[^ \t]/);
  if (start === -1) return [];
  if (text[start] === '#') return [{ from: start, to: line.length, kind: 'comment' }];
  const tokens: Token[] = [];
  let kinds: readonly WordKind[] = [];
  for (const { index, 0: word } of text.matchAll(WORD)) {
    const to = index + word.length;
    if (tokens.length === 0) {
      const isKnown = table === undefined || table.has(word);
      kinds = table?.get(word) ?? [];
      tokens.push({ from: index, to, kind: isKnown ? 'command' : 'unknown' });
      continue;
    }
    const kind = kinds[tokens.length - 1] ?? 'word';
    if (kind === 'value') return [...tokens, { from: index, to: text.length, kind }];
    tokens.push({ from: index, to, kind: kind === 'word' ? kindOfWord(word) : kind });
  }
  return tokens;
}

function kindOfWord(word: string): Token['kind'] {
  if (/^[0-9]+(?:ms|s)?$/.test(word)) return 'number';
  return word.includes('=') ? 'option' : 'word';
}

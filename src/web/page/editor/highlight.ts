// Colours of the script's words.
import {
  HighlightStyle,
  StreamLanguage,
  type StringStream,
  syntaxHighlighting,
} from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { Tag } from '@lezer/highlight';
import { type KindTable, type Token, tokenize } from '../../script/tokens.ts';

const KINDS: readonly Token['kind'][] = [
  'command',
  'id',
  'key',
  'value',
  'word',
  'comment',
  'number',
  'option',
  'unknown',
];

const TAGS: Readonly<Record<string, Tag>> = Object.fromEntries(
  KINDS.map((kind) => [kind, Tag.define(kind)]),
);

const STYLE = HighlightStyle.define(
  Object.entries(TAGS).map(([kind, tag]) => ({ tag, class: `editor-word-${kind}` })),
);

interface LineState {
  tokens: readonly Token[];
}

/** Without a table every first word counts as a command. */
export function highlight(table: KindTable | undefined): Extension {
  const language = StreamLanguage.define<LineState>({
    name: 'causeway',
    tokenTable: TAGS,
    languageData: { commentTokens: { line: '#' } },
    startState: () => ({ tokens: [] }),
    token: (stream, state) => {
      if (stream.sol()) state.tokens = tokenize(stream.string, table);
      return readToken(stream, state);
    },
  });
  return [language, syntaxHighlighting(STYLE)];
}

function readToken(stream: StringStream, { tokens }: LineState): string | null {
  const next = tokens.find(({ to }) => to > stream.pos);
  if (next === undefined) stream.skipToEnd();
  else if (next.from > stream.pos) stream.pos = next.from;
  else {
    stream.pos = next.to;
    return next.kind;
  }
  return null;
}

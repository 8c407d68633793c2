// A TextMate grammar of the script language, from the program's own table of commands. VS Code,
// JetBrains' editors, Sublime Text, Shiki and others colour a script by it.
import type { Vocabulary, WordKind } from '../../web/script/vocabulary.ts';

export const LANGUAGE = 'causeway';
const SCOPE = `source.${LANGUAGE}`;

/** Words that decide which lines are done, and how. */
const CONTROL = new Set(
  'protocol concurrently repeat end let include expect wait check'.split(' '),
);

const SCOPES: Record<Exclude<WordKind, 'word'>, string> = {
  command: 'support.function',
  id: 'constant.numeric.id',
  key: 'variable.other.key',
  value: 'string.unquoted.value',
};

interface Rule {
  readonly match?: string;
  readonly name?: string;
  readonly include?: string;
  readonly captures?: { readonly [group: string]: Rule };
  readonly patterns?: readonly Rule[];
}

export interface Grammar {
  readonly $schema: string;
  readonly name: string;
  readonly scopeName: string;
  readonly patterns: readonly Rule[];
  readonly repository: { readonly [name: string]: Rule };
}

/** `names` are words that mean the same in every line: levels and protocols. */
export function createGrammar(vocabulary: Vocabulary, names: readonly string[]): Grammar {
  return {
    $schema: 'https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json',
    name: 'Causeway',
    scopeName: SCOPE,
    patterns: [
      { match: '^[ \\t]*#>.*$', name: scope('comment.line.number-sign.answer') },
      { match: '^[ \\t]*#.*$', name: scope('comment.line.number-sign') },
      ...commandRules(vocabulary),
      { match: '^[ \\t]*\\S+', name: scope('invalid.illegal.unknown-command') },
    ],
    repository: { words: { patterns: wordRules(names) } },
  };
}

const scope = (name: string): string => `${name}.${LANGUAGE}`;

/** One rule for all commands whose arguments are of the same kinds. */
function commandRules(vocabulary: Vocabulary): Rule[] {
  const namesByKinds = new Map<string, Set<string>>();
  for (const { name, kinds } of vocabulary.flatMap(({ commands }) => commands)) {
    const group = `${CONTROL.has(name) ? 'control' : 'command'} ${kinds.join(' ')}`;
    namesByKinds.set(group, (namesByKinds.get(group) ?? new Set()).add(name));
  }
  return Array.from(namesByKinds, ([group, names]) => {
    const [role, ...kinds] = group.trim().split(' ');
    const name = role === 'control' ? 'keyword.control' : SCOPES.command;
    return lineRule([...names], name, kinds as WordKind[]);
  });
}

function lineRule(names: readonly string[], name: string, kinds: readonly WordKind[]): Rule {
  const captures: { [group: string]: Rule } = { 1: { name: scope(name) } };
  let tail = '([ \\t].*)?';
  const args = kinds.at(-1) === 'value' ? kinds : [...kinds, 'rest' as const];
  for (const [index, kind] of [...args.entries()].reverse()) {
    const group = String(index + 2);
    if (kind === 'rest' || kind === 'word') captures[group] = WORDS;
    else captures[group] = { name: scope(SCOPES[kind]), patterns: [NAME] };
    if (kind === 'rest') continue;
    const word = kind === 'value' ? '\\S.*' : '\\S+';
    tail = `(?:[ \\t]+(${word})${kind === 'value' ? '' : tail})?`;
  }
  const sorted = [...names].sort();
  return { match: `^[ \\t]*(${sorted.join('|')})(?=[ \\t]|$)${tail}`, captures };
}

const WORDS: Rule = { patterns: [{ include: '#words' }] };

/** A name that `let` has given. */
const NAME: Rule = { match: '\\$[A-Za-z]\\w*', name: scope('variable.other.constant') };

function wordRules(names: readonly string[]): Rule[] {
  return [
    NAME,
    {
      match: '(?<!\\S)([a-z][\\w-]*)(=)(\\S+)',
      captures: {
        1: { name: scope('entity.other.attribute-name') },
        2: { name: scope('keyword.operator.assignment') },
        3: { name: scope('string.unquoted'), patterns: [NAME] },
      },
    },
    { match: '(?<!\\S)[+-]?[0-9]+(?:ms|s)?(?!\\S)', name: scope('constant.numeric') },
    { match: '(?<!\\S)\\|(?!\\S)', name: scope('keyword.operator') },
    { match: '\\bERR_[A-Z_]+\\b', name: scope('constant.language') },
    { match: `(?<!\\S)(?:${names.join('|')})(?!\\S)`, name: scope('support.constant') },
  ];
}

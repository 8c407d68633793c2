// Writes pages from what the program itself uses: the reference of the script language
// (docs/language.md) from the table of commands, the options, the error codes, the protocols; the
// table of messages in a protocol's page from the messages. A test compares the two.
import { LEVEL_MEANINGS, LEVELS, STORE_LEVELS } from '../checkers/index.ts';
import { KEY_BYTES, LIVE_NODES, VALUE_BYTES } from '../kernel/limits.ts';
import type { Schema } from '../kernel/messages.ts';
import type { Protocol } from '../kernel/protocol.ts';
import type { Checked } from '../language/checked.ts';
import type { Command } from '../language/command.ts';
import { fromProtocol } from '../language/commands/protocol.ts';
import { COMMAND_SECTIONS } from '../language/commandTable.ts';
import { LINE_ERRORS } from '../language/lineError.ts';
import { LINE_BYTES } from '../language/lines.ts';
import { listOptions } from './commandLine.ts';
import { EXIT_MEANINGS } from './exitStatus.ts';
import { SUBCOMMANDS } from './subcommands.ts';

const INTRODUCTION = `# The script language

This page is written by the program: \`node master.js --language\`.

A script has one command a line. Words are separated by blanks or tabs, and case matters. Blank
lines and lines that begin with \`#\` are skipped; blanks around a line do not count; CRLF is LF,
and the last line needs no end. The text is UTF-8; a line has no control characters but tabs.

- An id is \`0\` or a whole number without a leading zero, up to 999999. Servers and clients share
  one space of ids, which need not be contiguous. The id of a killed server may be joined again, any
  number of times: that is a new life, with links to the live servers and an empty store or, with
  a log, all that it had acknowledged.
- A key is one word, an opaque string: \`0\`, \`00\` and \`000\` are three keys, and so are a
  composed and a decomposed \`é\`. A value is the rest of the line, its inner blanks kept; quotes
  are characters like any other. Only a value that is exactly \`""\` is the empty one: \`get\` and
  \`printStore\` print it as \`k:\`.
- Commands are done one after the other: each begins when the one before has returned and, after a
  write, when everything that the write set going has settled. So a script has one outcome.
- stdout carries answers only. Everything else is on stderr.
- Where an answer holds a control character other than the tab, it is printed as \`\\xNN\`.

An answer of \`get\` that is no value:

| printed | when |
|---|---|
| \`k:ERR_KEY\` | the server has no value for the key, and the client depends on none |
| \`k:ERR_DEP\` | the server has not seen the write that the client last put or got for this key |
| \`k:ERR_UNREACHABLE\` | no connected live server answered |

A write that is refused, not done or unanswered is a note on stderr. A server that did not answer
\`stabilize\`, \`printStore\` or \`inspect\` in time is named there with \`E_TIMEOUT\`. Those are
outcomes, not bad lines.
`;

const CHECKS = `The levels that a history can have, strongest first:

${renderLevels(LEVELS)}

Neither of the two causal-... levels implies the other; an ...-all-keys level implies the one of
that name without. Two more are not about what clients saw, but about what servers held after each
\`stabilize\`:

${renderLevels(STORE_LEVELS)}

A verdict is \`holds\`, \`broken\` with the name of the pattern and a sentence, or \`undecided\`
with the reason, which is no pass. Without a level, the levels that held and that no other one
implies come first, then the weakest that broke and the operations that show it, then, if there was
a \`stabilize\`, the last two, then how many operations were answered. What was refused, not done
or unanswered costs availability and breaks no level. Only a level that was named can fail: the exit
status is then 1 if it broke and 2 if it is undecided, and 65 all the same if there were bad lines,
since then another script ran than was written. A run in which no operation was answered keeps
nothing: every level is undecided then, and so is \`check\` without a level. \`--check\` says its
verdict on stderr; several scripts have the gravest status of theirs: 65, 1, 2, 0. A run on the data
of an earlier one begins with what its servers had then. What each level means, with scripts that
break it: [verdicts.md](verdicts.md).
`;

const CONCURRENTLY = `Between \`concurrently\` and \`end\` a \`sleep\` holds back the lines behind
it. Joins, \`protocol\`, \`check\` and another block cannot stand there.
`;

const WORKLOAD = `\`workload\` asks for \`ops\` operations: gets by the share \`reads\`, and
puts, of the keys \`k0\` to \`k9\` (\`keys=10\`). The clients take turns; they are the live ones
with the lowest ids, \`clients\` of them, or all, \`from\` a certain id on. \`inflight\`
operations are under way at a time, one of each client at most. With 1, which is what it is
unless told, each begins when the one before is over and, if that was a write, has settled; with
\`all\` every client is busy all the time. What is asked for depends on the seed alone.

The summary on stdout says how many were puts and gets and, if nothing else was under way at any
time, what came of them. If other operations were, that depends on the moment: then it is in the
note on stderr. The note has the answered operations a second; p50 and p99, how long half and 99
of 100 of them took at most; and the longest gap, the longest time without an answered operation
from the beginning of the load to its end. \`ERR_DEP\` and \`ERR_UNREACHABLE\` count as no answer
there.

Between \`concurrently\` and \`end\` other lines may kill servers and cut links meanwhile. A load
follows the earlier lines of its clients and holds back their later ones, as each client's lines
follow each other. So two loads overlap if their clients differ; of two that share a client the
second begins when the first is over.
`;

/** What stands below the table of a section. */
const NOTES: ReadonlyMap<string, readonly string[]> = new Map([
  ['The cluster', [CONCURRENTLY, WORKLOAD]],
  ['A closer look', [CHECKS]],
]);

const BAD_LINES = `Each is reported as \`causeway: stdin:LINE: CODE: text\`, with the name of the
script in place of \`stdin\` when one was named. Nothing of a bad line is done, the lines after it
are. But a script ends where a \`protocol\` line is refused, or a \`concurrently\` or \`end\` that
has no counterpart: what follows would be another script than was written. Nothing is judged then,
with \`--check\` either. At the console such a line is refused like any other.
`;

/** The page as Markdown. */
export function renderLanguageReference(protocols: readonly Protocol[]): string {
  return [
    INTRODUCTION,
    ...COMMAND_SECTIONS.flatMap(({ title, commands }) => [
      renderCommands(`## ${title}`, commands),
      ...(NOTES.get(title) ?? []),
    ]),
    ...protocols.map(renderProtocol),
    renderTable('## Bad lines', ['code', 'when'], listLineErrors()),
    BAD_LINES,
    renderTable('## Limits', ['what', 'the most'], listLimits()),
    renderTable('## Command line', ['option', 'does'], listCodes(listOptions())),
    renderTable('## Subcommands', ['instead of a script', 'does'], listSubcommands()),
    renderTable('## Exit status', ['status', 'when'], EXIT_MEANINGS),
  ].join('\n');
}

/** The messages of a protocol as a table in Markdown: fields by their names. */
export function renderMessages({ messages }: Protocol): string {
  const rows = Object.entries(messages).map(([method, { from, to, about, params, result }]) => [
    `\`${method}\``,
    from,
    to,
    listFields(params),
    listFields(result),
    about,
  ]);
  return `${renderRows(['method', 'from', 'to', 'takes', 'gives', ''], rows)}\n`;
}

/** Of a schema for an object; no message is anything else. */
function listFields(schema: Schema): string {
  const { entries = {} } = schema as { readonly entries?: { readonly [field: string]: unknown } };
  return Object.keys(entries)
    .map((field) => `\`${field}\``)
    .join(', ');
}

function renderCommands(title: string, commands: readonly Command[]): string {
  const rows = commands.map(({ usage, about, prints }) => [`\`${usage}\``, about, prints]);
  return renderTable(title, ['command', 'does', 'prints'], rows);
}

function renderProtocol(protocol: Protocol): string {
  const { name, summary, options, guarantees, commands, scopes = {} } = protocol;
  const settings = Object.entries(options).map(([option, { about, fallback }]) => [
    `\`${option}\``,
    about,
    `\`${fallback}\``,
  ]);
  const words = Object.entries(guarantees).map(([word, kept]) => [`\`${word}\``, kept.join(', ')]);
  const many = Object.entries(scopes).flatMap(([word, about]) => [
    [`\`get c ${word}\``, `shows ${about}, \`key:value\` a line`],
    [`\`delete c ${word}\``, `deletes every key that \`get c ${word}\` shows, one by one`],
  ]);
  return [
    `## Protocol ${name}\n\n${summary}\n`,
    settings.length > 0 && renderTable('### Options', ['option', 'what', 'unless told'], settings),
    words.length > 0 && renderTable('### Guarantees', ['word of joinClient', 'adds'], words),
    commands.length > 0 && renderCommands('### Commands', commands.map(fromProtocol)),
    many.length > 0 && renderTable('### In place of a key', ['command', 'does'], many),
  ]
    .filter((part) => part !== false)
    .join('\n');
}

function listSubcommands(): string[][] {
  return SUBCOMMANDS.map(({ name, usage, about }) => [`\`causeway ${name} ${usage}\``, about]);
}

function listLineErrors(): string[][] {
  return listCodes(Object.entries(LINE_ERRORS));
}

function listCodes(entries: readonly (readonly [code: string, text: string])[]): string[][] {
  return entries.map(([code, text]) => [`\`${code}\``, text]);
}

function listLimits(): string[][] {
  return [
    ['a line', `${LINE_BYTES} bytes`],
    ['a key', `${KEY_BYTES} bytes`],
    ['a value', `${VALUE_BYTES} bytes, written as a JSON string`],
    ['live servers, live clients', `${LIVE_NODES} of each`],
  ];
}

function renderLevels(levels: readonly Checked[]): string {
  const rows = levels.map((level) => `| \`${level}\` | ${LEVEL_MEANINGS[level]} |`);
  return ['| level | asks for |', '| --- | --- |', ...rows].join('\n');
}

function renderTable(
  title: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return `${title}\n\n${renderRows(heads, rows)}\n`;
}

function renderRows(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heads, heads.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

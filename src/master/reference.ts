// Writes pages from the program's own tables: the reference of the script language
// (docs/language.md) from the commands, options, error codes and protocols; the table of messages
// in a protocol's page from its messages. A test compares the pages with the program.

import type { Design } from '../kernel/design.ts';
import { MAX_NODE_ID } from '../kernel/ids.ts';
import {
  CLOCK_OFFSET_MS,
  KEY_BYTES,
  LIVE_NODES,
  OPERATION_DEADLINE_MS,
  VALUE_BYTES,
} from '../kernel/limits.ts';
import type { Schema } from '../kernel/messages.ts';
import type { Protocol } from '../kernel/protocol.ts';
import { SLEEP_MS } from '../language/arguments.ts';
import type { Command } from '../language/command.ts';
import { REPEATED_LINES } from '../language/commands/directives.ts';
import { fromProtocol } from '../language/commands/protocol.ts';
import { COMMAND_SECTIONS } from '../language/commandTable.ts';
import { LINE_ERRORS } from '../language/lineError.ts';
import { LINE_BYTES } from '../language/lines.ts';
import { listOptions } from './commandLine.ts';
import { EXIT_MEANINGS } from './exitStatus.ts';
import { SECTION_NOTES } from './referenceNotes.ts';
import { SUBCOMMANDS } from './subcommands.ts';

const INTRODUCTION = `# The script language

This page is written by the program: \`node master.js --language\`.

A script has one command per line. Words are separated by blanks or tabs, and case matters. Blank
lines and lines that begin with \`#\` are skipped. Blanks around a line are ignored. A line ends
with LF or CRLF; the last one may lack its end. The text is UTF-8, without control characters except
tabs.

- An id is \`0\` or a whole number without a leading zero, up to 999999. Servers and clients share
  one range of ids, which need not be contiguous. The id of a killed server may be joined again, any
  number of times: that is a new life, with links to the live servers. Its store is empty or, with a
  log, contains all that the server had acknowledged.
- With a protocol whose clients talk to the servers that hold a key, \`joinClient\` links a new
  client to every live server, and \`joinServer\` a new server to every live client. Its section
  below says so.
- Each protocol has a section below, a store of others such as \`etcd\` too. It has the options, the
  commands that only this protocol has, and under *Not here* the commands of all protocols that it
  lacks. With servers that run already (\`endpoints=\`) there are no kills, pauses and cuts.
- A key is one word, an opaque string: \`0\`, \`00\` and \`000\` are three keys, and so are a
  composed and a decomposed \`é\`. A value is the rest of the line, with its inner blanks; quotes
  are characters like any other. Only a value that is exactly \`""\` is the empty one: \`get\` and
  \`printStore\` print it as \`k:\`.
- Commands run one after the other. Each begins when the one before has returned and, after a write,
  when all messages that the write caused between servers have been answered. If the protocol
  repairs servers by reads, the same holds after a \`get\`. So a script has one outcome. (On real
  processes the joins at the beginning may be [under way
  together](decisions/0032-joins-that-overlap.md); nothing shows it but the time.)
- stdout carries answers only. All other output is on stderr.
- A control character in an answer, except the tab, is printed as \`\\xNN\`, and a backslash that
  would look like the beginning of such an escape as \`\\x5c\`.

The answers of \`get\` that are no values:

| printed | when |
|---|---|
| \`k:ERR_KEY\` | the server has no value for the key, and the client depends on none |
| \`k:ERR_DEP\` | the server has not seen the put or deletion of this key that the client saw last |
| \`k:ERR_UNREACHABLE\` | no connected live server answered |

Some protocols have \`cas\`, compare-and-set: it writes a value if the key has the one that is
expected, in one step. Then it prints the new value, as \`get\` would. If the key has another value,
or none, it prints \`k:ERR_CAS\` and changes nothing. It has the two other answers as well.

A write that is refused, not done or unanswered causes a note on stderr. A note with \`E_TIMEOUT\`
names each server that did not answer \`stabilize\`, \`printStore\` or \`inspect\` in time. These
are outcomes, not bad lines.
`;

const BAD_LINES = `Each is reported as \`causeway: stdin:LINE: CODE: text\`, with the name of the
script in place of \`stdin\` if one was given. A bad line has no effect; the lines after it run. But
the script ends at a \`protocol\`, \`repeat\` or \`include\` line that is refused, and at a
\`concurrently\`, \`repeat\` or \`end\` without its counterpart, because the meaning of the
following lines depends on it. Such a script is not judged, even with \`--check\`. The console
refuses such a line like any other, and continues.
`;

const CONSOLE = `## The console

At a terminal, without a script, the program is a console. It reads the same lines, one after the
other, with history and completion, and prints the same answers. \`ok\` stands for a line that
prints nothing. Only answers are on stdout; the prompt and all else is on stderr.

- \`help\` lists the commands, \`help get\` tells one. \`status\` shows the protocol, the
  servers, the clients and the links that are cut, without asking a node. \`quit\`, \`exit\` and
  Ctrl-D end the cluster.
- Ctrl-C takes back what is typed. While a line runs, it ends that line as soon as it can: a
  \`sleep\`, \`wait\`, \`workload\` or \`repeat\` at its next step, an operation by its own
  deadline. Lines typed after it are dropped, and the cluster goes on. Ctrl-C twice ends the
  cluster: while one line runs, or at an empty prompt.
- What happens meanwhile, such as the death of a server, is told above the line that is half typed.
`;

/** The page as Markdown. */
export function renderLanguageReference(protocols: readonly Design[]): string {
  return [
    INTRODUCTION,
    ...COMMAND_SECTIONS.flatMap(({ title, commands }) => [
      renderCommands(`## ${title}`, commands),
      ...(SECTION_NOTES.get(title) ?? []),
    ]),
    ...protocols.map(renderProtocol),
    renderTable('## Bad lines', ['code', 'when'], listLineErrors()),
    BAD_LINES,
    CONSOLE,
    renderTable('## Limits', ['what', 'maximum'], listLimits()),
    renderTable('## Command line', ['option', 'does'], listCodes(listOptions())),
    renderTable('## Subcommands', ['instead of a script', 'does'], listSubcommands()),
    renderTable('## Exit status', ['status', 'when'], EXIT_MEANINGS),
  ].join('\n');
}

/** The messages of a protocol as a table in Markdown: fields by their names. */
export function renderMessages({ messages }: Pick<Protocol, 'messages'>): string {
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

/** The fields of an object's schema; all messages are objects. */
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

function renderProtocol(protocol: Design): string {
  const { name, summary, options, guarantees, commands, scopes = {}, modifiers = [] } = protocol;
  const { lacks = {} } = protocol;
  const after = modifiers.map(({ usage, about, on }) => {
    return [`\`${usage.replaceAll('|', '\\|')}\``, on.join(', '), about];
  });
  const codes = Object.entries(protocol.errors ?? {}).flatMap(([code, { text, isAnswer }]) =>
    isAnswer ? [[`\`k:${code}\``, text]] : [],
  );
  const settings = Object.entries(options).map(([option, { about, fallback }]) => [
    `\`${option}\``,
    about,
    fallback === '' ? 'none' : `\`${fallback}\``,
  ]);
  const words = Object.entries(guarantees).map(([word, kept]) => [`\`${word}\``, kept.join(', ')]);
  const many = Object.entries(scopes).flatMap(([word, about]) => [
    [`\`get c ${word}\``, `shows ${about}, \`key:value\` a line`],
    [`\`delete c ${word}\``, `deletes every key that \`get c ${word}\` shows, one by one`],
  ]);
  const missing = Object.entries(lacks).map(([command, why]) => [`\`${command}\``, why]);
  const links = protocol.clientsReachAll ? ' Each client is linked to every server.' : '';
  return [
    `## Protocol ${name}\n\n${summary}${links}\n`,
    settings.length > 0 && renderTable('### Options', ['option', 'what', 'default'], settings),
    words.length > 0 && renderTable('### Guarantees', ['word of joinClient', 'adds'], words),
    after.length > 0 && renderTable('### After an operation', ['word', 'of', 'what'], after),
    codes.length > 0 && renderTable('### Answers', ['answer of `get`', 'what'], codes),
    commands.length > 0 && renderCommands('### Commands', commands.map(fromProtocol)),
    missing.length > 0 && renderTable('### Not here', ['command', 'why'], missing),
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
    ['an id', `${MAX_NODE_ID}`],
    ['a time of `sleep` or `wait`, one move of `clock`', `${SLEEP_MS} ms`],
    ['all moves of the clock of a node together', `${CLOCK_OFFSET_MS} ms, either way`],
    ['an operation of a client, until it counts as unanswered', `${OPERATION_DEADLINE_MS} ms`],
    ['one `repeat`', `${REPEATED_LINES} rounds, and lines`],
  ];
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

// Writes pages from the program's own tables: the reference of the script language
// (docs/language.md) from the commands, options, error codes and protocols; the table of messages
// in a protocol's page from its messages. A test compares the pages with the program.
import { LEVEL_MEANINGS, LEVELS, STORE_LEVELS } from '../checkers/index.ts';
import { CALL_TIMEOUT_MS, KEY_BYTES, LIVE_NODES, VALUE_BYTES } from '../kernel/limits.ts';
import type { Schema } from '../kernel/messages.ts';
import type { Protocol } from '../kernel/protocol.ts';
import { LONGEST_LINK_DELAY_MS } from '../kernel/traffic.ts';
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
- A key is one word, an opaque string: \`0\`, \`00\` and \`000\` are three keys, and so are a
  composed and a decomposed \`é\`. A value is the rest of the line, with its inner blanks; quotes
  are characters like any other. Only a value that is exactly \`""\` is the empty one: \`get\` and
  \`printStore\` print it as \`k:\`.
- Commands run one after the other. Each begins when the one before has returned and, after a write,
  when all messages that the write caused between servers have been answered. If the protocol
  repairs servers by reads, the same holds after a \`get\`. So a script has one outcome.
- stdout carries answers only. All other output is on stderr.
- A control character in an answer, except the tab, is printed as \`\\xNN\`.

The answers of \`get\` that are no values:

| printed | when |
|---|---|
| \`k:ERR_KEY\` | the server has no value for the key, and the client depends on none |
| \`k:ERR_DEP\` | the server has not seen the put or deletion of this key that the client saw last |
| \`k:ERR_UNREACHABLE\` | no connected live server answered |

A write that is refused, not done or unanswered causes a note on stderr. A note with \`E_TIMEOUT\`
names each server that did not answer \`stabilize\`, \`printStore\` or \`inspect\` in time. These
are outcomes, not bad lines.
`;

const CHECKS = `The levels of a history, strongest first:

${renderLevels(LEVELS)}

Neither \`causal-memory\` nor \`causal-convergence\` implies the other. A level that ends in
\`-all-keys\` implies the level of that name without it. Two more levels are not about the clients'
operations, but about the servers' stores after each \`stabilize\`:

${renderLevels(STORE_LEVELS)}

A verdict is \`holds\`, \`broken\` with the name of the pattern and a sentence, or \`undecided\`
with the reason. An undecided level has not passed. \`check\` without a level prints, in this order:
the strongest levels that held, without those that they imply; the weakest level that is broken, and
the operations that show it; the two levels of the stores, if there was a \`stabilize\`; and how
many operations were answered. An operation that was refused, not done or unanswered costs
availability and breaks no level.

Only a named level can make the run fail. The exit status is then 1 if a level is broken, and 2 if
one is undecided. With bad lines it is 65 in either case, because the script that ran was not the
script as written. In a run without an answered operation every level is undecided, and so is
\`check\` without a level. \`--check\` prints its verdict on stderr. Of several scripts, the most
severe status counts: 65, then 1, 2, 0. A run on the data of an earlier one begins with the writes
that its servers had then. [verdicts.md](verdicts.md) explains each level, with scripts that break
it.
`;

const CONCURRENTLY = `Between \`concurrently\` and \`end\` a \`sleep\` delays the lines after it.
Joins, \`protocol\`, \`check\` and another block are not allowed there.
`;

const WORKLOAD = `\`workload\` runs \`ops\` operations on the keys \`k0\` to \`k9\`
(\`keys=10\`): puts, and gets, whose share is \`reads\`. Its clients are the live ones with the
lowest ids, from the id \`from\` on: \`clients\` of them, or all of them without that setting. They
take turns. \`inflight\` operations are under way at a time, at most one of each client. With the
default of 1, each begins when the one before has returned and, if that was a write, its messages
between servers have been answered. With \`inflight=all\` every client is busy all the time. The
operations depend on the seed alone.

A protocol may have commands of its own that append to a value or pop from it. Then \`appends\`
and \`pops\` are the shares of those; pops are drawn from all such commands. The shares, with that
of the gets, are 1 at most together.

The summary on stdout counts the puts and gets, and the appends and pops that were asked for. If no
other operation was under way during the load, it also counts their outcomes. Otherwise the outcomes
depend on timing, and are in the note on stderr. That note has the answered operations per second;
the latencies p50 and p99; and the longest gap, the longest time without an answered operation from
the beginning of the load to its end.
\`ERR_DEP\` and \`ERR_UNREACHABLE\` do not count as answers there.

Between \`concurrently\` and \`end\` other lines may kill servers and cut links during the load. The
lines of one client run one after the other: a load waits for the earlier lines of its clients, and
their later lines wait for it. So two loads overlap only if they share no client.
`;

const MASTER_LINKS = `Some protocols have a configuration service, which the master hosts.
\`breakConnection 0 master\` cuts node 0 off from it: calls of the node to the service, and of the
service to the node, fail at once. \`createConnection 0 master\` and \`heal\` end that;
\`partition\` does not concern it. As a link, a cut belongs to a life: a node that joins again is
not cut off. The node is not told, and its links and the commands of the script reach it as before.
`;

const LINK_SETTINGS = `\`link a b\` concerns messages from a to b only, requests and answers;
\`link all\` those of every link in both directions, also of links that are made later. A delay is
constant, uniform between two times, or normal with a mean and a standard deviation; one below 0
counts as 0, and the longest is ${LONGEST_LINK_DELAY_MS} ms. \`loss\` and \`duplication\` are the
probabilities that a message is lost, or arrives twice. With \`reorder=off\` messages arrive in the
order of sending. A setting changes only what it names, and the latest one counts.
\`link a b reset\` makes a direction as all links are, \`link all reset\` removes all settings.

A setting belongs to the two ids: it holds after a cut, and for later lives of both nodes. It does
not concern the messages of the master and of the configuration service. In simulation it replaces
what \`--faults\` says about that direction, and the usual delay; on real processes the time that
the machine takes is added to it. A call waits for its answer for ${CALL_TIMEOUT_MS} ms, or less
where a protocol says so: a delay beyond that is like a loss. The next line still begins when the
messages that a line caused between servers have been answered. So delays alone change answers only
between \`concurrently\` and \`end\`.
`;

const WALL_CLOCKS = `\`clock n +10s\` moves the wall clock of a node from where it is now; it may be
a day wrong at most. The clock is the machine's, so the next life of the node has it too. A protocol
reads it only for stamps: delays and deadlines are not affected, and most protocols never read it.
`;

const ONEWAY = `\`partition 0 1 | 2 3 oneway\` loses what 0 and 1 send to 2 and 3, as
\`breakConnection 0 2 oneway\` does for two nodes; what 2 and 3 send arrives. With three groups,
each no longer reaches those after it. The nodes are not told.
`;

const EXPECTED = `\`expect\` is about what the line before it printed on stdout; after \`end\`,
about the whole block. Blank lines, comments and other \`expect\` lines do not count as lines before
it.

| line | asks for |
|---|---|
| \`expect x:1\` | this one line |
| \`expect any x:1 \\| x:2\` | one line, which is one of these |
| \`expect lines a:1 \\| b:2\` | these lines, in any order |
| \`expect like x:v*\` | one line of this form: \`*\` stands for any characters, \`?\` for one |
| \`expect nothing\` | no line |
| \`expect exactly any one\` | this one line, although it begins with a word of this table |

Between texts \`|\` stands alone: inside a word it is a character like any other. The text is
compared as it is printed without \`--json\`.

\`wait until get 5 x expect x:1 within 5s\` repeats the \`get\` (or looks with \`printStore\` or
\`inspect\`) every 50 ms of the world's time, until the answer is as \`expect\` would have it. It
prints nothing. Each repeated \`get\` is an operation of the client, in the history like any other.

An answer that is another one is reported with the code \`E_EXPECT\`, with what was expected and
what was answered. The lines after it run, and the exit status is 1 as for a check that failed.
`;

/** The text below the table of a section. */
const NOTES: ReadonlyMap<string, readonly string[]> = new Map([
  ['Nodes', [WALL_CLOCKS]],
  ['Links', [ONEWAY, MASTER_LINKS, LINK_SETTINGS]],
  ['The cluster', [CONCURRENTLY, WORKLOAD]],
  ['A closer look', [CHECKS]],
  ['Expected answers', [EXPECTED]],
]);

const BAD_LINES = `Each is reported as \`causeway: stdin:LINE: CODE: text\`, with the name of the
script in place of \`stdin\` if one was given. A bad line has no effect; the lines after it run. But
the script ends at a \`protocol\` line that is refused, and at a \`concurrently\` or \`end\` without
its counterpart, because the meaning of the following lines depends on it. Such a script is not
judged, even with \`--check\`. The console refuses such a line like any other, and continues.
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
    renderTable('## Limits', ['what', 'maximum'], listLimits()),
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

function renderProtocol(protocol: Protocol): string {
  const { name, summary, options, guarantees, commands, scopes = {}, modifiers = [] } = protocol;
  const after = modifiers.map(({ usage, about, on }) => {
    return [`\`${usage.replaceAll('|', '\\|')}\``, on.join(', '), about];
  });
  const codes = Object.entries(protocol.errors ?? {}).flatMap(([code, { text, isAnswer }]) =>
    isAnswer ? [[`\`k:${code}\``, text]] : [],
  );
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
  const links = protocol.clientsReachAll ? ' Each client is linked to every server.' : '';
  return [
    `## Protocol ${name}\n\n${summary}${links}\n`,
    settings.length > 0 && renderTable('### Options', ['option', 'what', 'default'], settings),
    words.length > 0 && renderTable('### Guarantees', ['word of joinClient', 'adds'], words),
    after.length > 0 && renderTable('### After an operation', ['word', 'of', 'what'], after),
    codes.length > 0 && renderTable('### Answers', ['answer of `get`', 'what'], codes),
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

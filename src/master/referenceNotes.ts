// The texts below the tables of commands in the reference of the script language.
import { LEVEL_MEANINGS, LEVELS, STORE_LEVELS } from '../checkers/index.ts';
import { CALL_TIMEOUT_MS } from '../kernel/limits.ts';
import { LONGEST_LINK_DELAY_MS } from '../kernel/traffic.ts';
import type { Checked } from '../language/checked.ts';
import { REPEATED_LINES } from '../language/commands/directives.ts';

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

\`check claims\` names the levels that the protocol claims with the options of the run, and
\`convergence\` only after a \`stabilize\`.

Only a named level can make the run fail. The exit status is then 1 if a level is broken, and 2 if
one is undecided. With bad lines it is 65 in either case, because the script that ran was not the
script as written. In a run without an answered operation every level is undecided, and so is
\`check\` without a level. \`--check\` prints its verdict on stderr. Of several scripts, the most
severe status counts: 65, then 1, 2, 0; before each, stderr has its name as a heading, and answers
as JSON have it in the field \`script\`. A run on the data of an earlier one begins with the writes
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

A protocol may have commands of its own that append to a value, pop from it, or compare and set it.
Then \`appends\`, \`pops\` and \`cas\` are the shares of those; pops are drawn from all such
commands. The shares, with that of the gets, are 1 at most together.

A \`cas\` expects the value that the last put or \`cas\` of its key has written, as if each
\`cas\` had found what it expected; each fourth one of a key expects the value before that. With
\`inflight=3\` there are three sequences of operations at once, and each expects only values of its
own, so it may find what another has written. A \`cas\` that finds another value counts as
\`ERR_CAS\`, which is an answer.

The summary on stdout counts the puts and gets, and the other operations that were asked for. With
\`inflight=1\` and outside \`concurrently\` it also counts their outcomes. Otherwise the outcomes
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

const WALL_CLOCKS = `\`clock n +10s\` moves the wall clock of a node from where it is now, by an
hour at most; all moves together may make it a day wrong. The clock is the machine's, so the next
life of the node has it too. A protocol reads it only for stamps: delays and deadlines are not
affected, and most protocols never read it.
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

For what a whole script prints, with all that chance leaves open, there are [golden
files](golden.md).
`;

const TEXT = `These lines are about the text of the script, and are gone before a line is run: no
answer has an influence on them.

\`repeat 3 as i\` stands for the lines up to its \`end\`, three times; in them \`$i\` is 1, 2 and 3.
Blocks may be nested, also with \`concurrently\`. One \`repeat\`, with those inside it, stands for
${REPEATED_LINES} lines at most.

After \`let name = value\`, in every line that is no comment, \`$name\` stands for the value, and so
does \`$\{name}\` where a letter follows. \`$$\` is a \`$\`. A name without a value is an error; a
\`$\` before no name is a character like any other. Before the first \`let\`, or \`repeat ... as\`,
every \`$\` is: so a script without them keeps them all. The latest \`let\` of a name counts, and
values are not searched for names again.

\`include lib/setup.txt\` stands for the lines of that file, as if they were written there. Its name
is the rest of the line, relative to the folder of the file that has the line; \`$\` has no meaning
in it. Files may include files. It works in scripts that the command line names: not on stdin, at
the console, in the page or in \`serve\`. Diagnostics name a line by its own file,
\`lib/setup.txt:7\`, and a bad line also by where it is included; in JSON the field \`at\` does. In
the trace, the history and verdicts an included line has the number of the \`include\`.

\`\`\`
let key = colour
repeat 3 as s
joinServer $s
joinClient 1$s $s
end
put 11 $key blue
get 13 $key
expect $key:blue
\`\`\`
`;

/** The text below the table of a section. */
export const SECTION_NOTES: ReadonlyMap<string, readonly string[]> = new Map([
  ['Nodes', [WALL_CLOCKS]],
  ['Links', [ONEWAY, MASTER_LINKS, LINK_SETTINGS]],
  ['The cluster', [CONCURRENTLY, WORKLOAD]],
  ['A closer look', [CHECKS]],
  ['Expected answers', [EXPECTED]],
  ['Repetition, names and files', [TEXT]],
]);

function renderLevels(levels: readonly Checked[]): string {
  const rows = levels.map((level) => `| \`${level}\` | ${LEVEL_MEANINGS[level]} |`);
  return ['| level | asks for |', '| --- | --- |', ...rows].join('\n');
}

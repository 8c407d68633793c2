// Commands that change nothing: they show a server's state, or judge the history of the run.
import type { NodeId } from '../../kernel/ids.ts';
import { choiceList, MASTER, serverId } from '../arguments.ts';
import { askToShow } from '../askServer.ts';
import { ASKED, levelsAsked, tellNoClaim } from '../claims.ts';
import { type Argument, defineCommand } from '../command.ts';
import { findingsOf } from '../finding.ts';
import { inspectAll } from '../inspectAll.ts';
import { formatJson } from '../printable.ts';
import { inspectService } from '../service.ts';

const oneServer = serverId('s');

/** A server's id; the word for the configuration service; or nothing. */
const inspected: Argument<NodeId | typeof MASTER | undefined> = {
  shown: '[s|master]',
  completion: 'server',
  read: (words) => {
    if (words.isAtEnd) return undefined;
    if (words.peek() !== MASTER) return oneServer.read(words);
    words.next();
    return MASTER;
  },
};

const inspect = defineCommand({
  name: 'inspect',
  args: [inspected],
  isQuestion: true,
  about:
    "shows a server's state: its store with versions, its clock, what it has applied, its peers; " +
    'without an id that of every server, which are dead, and at which keys they differ; with ' +
    "master that of the protocol's configuration service",
  prints: 'JSON on one line, its fields sorted; without an id a line for each server',
  run: async (run, [which], report) => {
    if (which === undefined) return inspectAll(run, report);
    if (which === MASTER) return inspectService(run, report);
    const shown = await askToShow(run, which, 'inspect', report);
    if (shown === undefined) return;
    const { state } = shown;
    report.print([formatJson(state)], { command: 'inspect', server: which, state });
  },
});

const check = defineCommand({
  name: 'check',
  args: [choiceList('level', ASKED)],
  about:
    'judges the run so far: for the named levels, for all that the protocol claims ' +
    '(`claims`) or, without one, for the strongest that held, the first that is broken, and ' +
    'the stores after each stabilize',
  prints: 'one verdict per line; without a level also the operations that show it, and refusals',
  block: 'outside',
  run: async (run, [asked], report) => {
    const levels = levelsAsked(run, asked);
    if (asked.length > 0 && levels.length === 0) report.note(tellNoClaim(run));
    const verdict = await run.history.judge(levels);
    report.print(verdict.lines, verdict.fields);
    for (const finding of findingsOf(levels, verdict)) report.find(finding);
  },
});

export const LOOK_COMMANDS = [inspect, check];

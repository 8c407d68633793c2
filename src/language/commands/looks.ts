// Commands that change nothing: they show a server's state, or judge the history of the run.
import { choiceList, serverId } from '../arguments.ts';
import { askToShow } from '../askServer.ts';
import { CHECKED } from '../checked.ts';
import { defineCommand } from '../command.ts';
import { formatJson } from '../printable.ts';

const inspect = defineCommand({
  name: 'inspect',
  args: [serverId('s')],
  about:
    "shows a server's state: its store with versions, its clock, what it has applied, its peers",
  prints: 'JSON on one line, its fields sorted',
  run: async (run, [server], report) => {
    const shown = await askToShow(run, server, 'inspect', report);
    if (shown === undefined) return;
    const { state } = shown;
    report.print([formatJson(state)], { command: 'inspect', server, state });
  },
});

const check = defineCommand({
  name: 'check',
  args: [choiceList('level', CHECKED)],
  about:
    'judges the run so far: for the named levels or, without one, for the strongest that held, ' +
    'the first that is broken, and the stores after each stabilize',
  prints: 'one verdict per line; without a level also the operations that show it, and refusals',
  block: 'outside',
  run: async (run, [levels], report) => {
    const { lines, fields } = await run.history.judge(levels);
    report.print(lines, fields);
  },
});

export const LOOK_COMMANDS = [inspect, check];

// Commands that look and change nothing: at a server's state, at the history of the run.
import * as v from 'valibot';
import { LEVELS } from '../../checkers/index.ts';
import { SERVER_CONTROL } from '../../kernel/control.ts';
import { Bug } from '../../kernel/errors.ts';
import { OPERATION_DEADLINE_MS } from '../../kernel/limits.ts';
import { choiceList, serverId } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { formatJson } from '../printable.ts';

const inspect = defineCommand({
  name: 'inspect',
  args: [serverId('s')],
  about:
    "shows a server's state: its store with versions, its clock, what it has applied, its peers",
  prints: 'JSON on one line, its fields sorted',
  run: async (run, [server], report) => {
    run.topology.serverNotClient(server);
    const { result, error } = await run.ask(server, 'inspect', {}, OPERATION_DEADLINE_MS);
    if (error !== undefined) {
      report.outcome('E_TIMEOUT', `no answer from server ${server}`);
      return;
    }
    const parsed = v.safeParse(SERVER_CONTROL.inspect.result, result);
    if (!parsed.success) throw new Bug(`server ${server} answered inspect with something else`);
    const { state } = parsed.output;
    report.print([formatJson(state)], { command: 'inspect', server, state });
  },
});

const check = defineCommand({
  name: 'check',
  args: [choiceList('level', LEVELS)],
  about:
    'judges all operations so far: for the levels that are named or, without one, for the ' +
    'strongest that held and the first that broke',
  prints: 'a verdict a line; without a level also the operations that show it, and who was refused',
  block: 'outside',
  run: (run, [levels], report) => {
    const { lines, fields } = run.chronicle.judge(levels);
    report.print(lines, fields);
  },
});

export const LOOK_COMMANDS = [inspect, check];

// Commands that concern the whole cluster, or the contents of a server.
import { duration, serverId, settings, word } from '../arguments.ts';
import { askToShow } from '../askServer.ts';
import { chooseProtocol } from '../choice.ts';
import { type Argument, defineCommand } from '../command.ts';
import { tellFigures } from '../loadFigures.ts';
import { keyLine } from '../printable.ts';
import { listServers } from '../stabilize.ts';
import { stabilizeAndLook } from '../stabilizeAndLook.ts';
import {
  chooseClients,
  lanesOf,
  parsePlan,
  runWorkload,
  WORKLOAD_DEFAULTS,
  type WorkloadPlan,
} from '../workload.ts';
import { concurrently, end } from './blocks.ts';

const stabilize = defineCommand({
  name: 'stabilize',
  args: [],
  about:
    'returns when every partition has converged, or after a second for each server, two at least',
  run: async (run, _values, report) => {
    const { silent, unasked } = await run.inTurn(() => stabilizeAndLook(run, report.line));
    if (silent.length > 0) report.outcome('E_TIMEOUT', `no answer from ${listServers(silent)}`);
    if (unasked.length > 0) {
      report.outcome('E_TIMEOUT', `no time was left to ask ${listServers(unasked)}`);
    }
  },
});

const printStore = defineCommand({
  name: 'printStore',
  args: [serverId('s')],
  about: 'shows what a server holds',
  isQuestion: true,
  prints: '`key:value` a line, sorted by key (code units); nothing for an empty store',
  run: async (run, [server], report) => {
    const shown = await askToShow(run, server, 'printStore', report);
    if (shown === undefined) return;
    const { entries } = shown;
    const lines = entries.map(([key, value]) => keyLine(key, value));
    report.print(lines, { command: 'printStore', server, entries });
  },
});

const protocol = defineCommand({
  name: 'protocol',
  args: [word('name', 'protocol'), settings('option=value', 'option')],
  about: 'chooses the replication design and its options, before the first join',
  block: 'outside',
  isGoverning: true,
  run: async (run, [name, given]) => {
    const chosen = chooseProtocol(run.protocols, name);
    await run.chooseProtocol(chosen, given);
  },
});

const sleep = defineCommand({
  name: 'sleep',
  args: [duration],
  about: "waits for that much of the world's time: `200ms`, `2s`",
  block: 'delay',
  run: async (run, [ms]) => {
    const cluster = await run.openCluster();
    if (!run.haste.isOn) await cluster.sleep(ms);
  },
});

const WORKLOAD_NAMES = Object.keys(WORKLOAD_DEFAULTS).map((name) => `${name}=`);
const workloadSettings = settings('name=value', WORKLOAD_NAMES);
const workloadPlan: Argument<WorkloadPlan> = {
  ...workloadSettings,
  read: (words) => parsePlan(workloadSettings.read(words)),
};

const workload = defineCommand({
  name: 'workload',
  args: [workloadPlan],
  about:
    'a seeded random load: `clients=5 from=0 ops=1000 keys=10 reads=0.5 inflight=1`, each ' +
    'optional; `appends=0.2 pops=0.1 cas=0.1` where the protocol has such commands',
  prints: 'a summary line',
  clientsOf: ([plan], run) => chooseClients(run, plan),
  run: async (run, [plan], report, { clients, number, isShared }) => {
    const isSteady = !isShared && lanesOf(plan, clients) === 1;
    const order = { plan, clients, number, line: report.line, isSteady };
    const { operations, asked, ended, figures } = await runWorkload(run, order);
    const told = isSteady ? { ...asked, ...ended } : asked;
    report.print([`workload: ${operations} operations: ${tellCounts(told)}`], {
      command: 'workload',
      operations,
      ...told,
    });
    const depending = isSteady ? '' : `${tellCounts(ended)}; `;
    report.note(`${depending}${tellFigures(figures)}`);
  },
});

function tellCounts(counts: { readonly [name: string]: number }): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}

export const CLUSTER_COMMANDS = [
  stabilize,
  printStore,
  protocol,
  sleep,
  concurrently,
  end,
  workload,
];

// Commands that start, kill, pause and resume nodes.
import type { NodeId } from '../../kernel/ids.ts';
import { clientId, clockStep, freshId, isId, nodeId, serverId, wordList } from '../arguments.ts';
import { arriving, type Told } from '../arrivals.ts';
import { defineCommand } from '../command.ts';
import { LineError } from '../lineError.ts';
import { adviseNearest } from '../nearest.ts';
import { quote } from '../printable.ts';
import type { LineReport } from '../report.ts';
import type { Run } from '../run.ts';
import { listServers } from '../stabilize.ts';

const joinServer = defineCommand({
  name: 'joinServer',
  args: [freshId('s')],
  about: 'starts a server and connects it to every live server, across partitions too',
  block: 'outside',
  check: checkServer,
  run: async (run, [id], report, { arrivals }) => {
    checkServer(run, [id]);
    const servers = run.topology.ids('server');
    const clients = run.protocol.clientsReachAll ? run.topology.ids('client') : [];
    const others = [...servers, ...clients];
    await arriving(arrivals, [id, ...others], async (told) => {
      await startServer(run, id, report.line);
      const live = await connectToLive(run, id, others, report.line, told);
      const peers = live.filter((peer) => servers.includes(peer));
      await awaitData(run, id, peers, report);
    });
  },
});

function checkServer(run: Run, [id]: readonly [NodeId]): void {
  run.topology.assertFree(id, 'server');
  const refusal = run.protocol.refuseServer?.(id, run.options);
  if (refusal !== undefined) throw new LineError('E_BAD_ID', refusal);
}

async function startServer(run: Run, id: NodeId, line: number): Promise<void> {
  await run.start(id, 'server', line);
  if (run.topology.clockOffset(id) !== 0) await setClock(run, id, line);
}

/**
 * The new server may have to receive data of a peer before the next line. A paused peer sends none.
 */
async function awaitData(
  run: Run,
  id: NodeId,
  peers: readonly NodeId[],
  report: LineReport,
): Promise<void> {
  const isAnyoneAwake = peers.some((peer) => run.topology.find(peer)?.isPaused === false);
  if (!isAnyoneAwake && peers.length > 0) return;
  const awaited = await run.quiesceServer(id, report.line);
  if (awaited?.length === 0 || run.topology.find(id) === undefined) return;
  const whom = awaited === undefined ? 'others' : `${listServers(awaited)} to join`;
  report.note(`server ${id} is not ready yet, it waits for ${whom}`);
}

/**
 * Links a node that has just started to those of the given ones that live, and returns these. Nodes
 * may have died during the start, the new one too: their deaths have been noted.
 */
async function connectToLive(
  run: Run,
  id: NodeId,
  peers: readonly NodeId[],
  line: number,
  told?: Told,
): Promise<NodeId[]> {
  const isLive = (node: NodeId): boolean => run.topology.find(node) !== undefined;
  const live = isLive(id) ? peers.filter(isLive) : [];
  await Promise.all(live.map((peer) => run.connect(id, peer, line, told)));
  return live;
}

const killServer = defineCommand({
  name: 'killServer',
  args: [serverId('s')],
  about: 'kills a server, returns when it is gone; its id may be joined again, as a new life',
  run: async (run, [id], { line }) => {
    run.topology.serverNotClient(id);
    await run.kill(id, line);
  },
});

const killClient = defineCommand({
  name: 'killClient',
  args: [clientId('c')],
  about: 'kills a client and ends its session; its id may be joined again, as a new life',
  run: async (run, [id], { line }) => {
    run.topology.client(id);
    await run.kill(id, line);
  },
});

const joinClient = defineCommand({
  name: 'joinClient',
  args: [clientId('c'), serverId('s'), wordList('guarantee', 'guarantee')],
  about: 'starts a client connected to s; connects a live client to s as well',
  block: 'outside',
  check: checkClient,
  run: async (run, [id, server, guarantees], { line }, { arrivals }) => {
    checkClient(run, [id, server, guarantees]);
    const isLive = run.topology.find(id) !== undefined;
    const reachesAll = !isLive && run.protocol.clientsReachAll;
    const servers = reachesAll ? run.topology.ids('server') : [server];
    await arriving(arrivals, [id, ...servers], async (told) => {
      if (!isLive) {
        await run.start(id, 'client', line, guarantees);
        if (run.topology.clockOffset(id) !== 0) await setClock(run, id, line);
      }
      await run.connect(id, server, line, told);
      if (reachesAll) await connectToLive(run, id, run.topology.ids('server'), line, told);
    });
  },
});

function checkClient(
  run: Run,
  [id, server, guarantees]: readonly [NodeId, NodeId, readonly string[]],
): void {
  const isLive = run.topology.find(id)?.role === 'client';
  if (!isLive) run.topology.assertFree(id, 'client');
  run.topology.server(server);
  checkGuarantees(run, guarantees);
  if (isLive && guarantees.length > 0) {
    throw new LineError('E_ARGS', `client ${id} is alive: guarantees are chosen at its first join`);
  }
}

/** For a line that names several servers. */
const ONE_SERVER = '; one line connects a client to one server';

function checkGuarantees(run: Run, guarantees: readonly string[]): void {
  const twice = guarantees.find((word, index) => guarantees.indexOf(word) < index);
  if (twice !== undefined) throw new LineError('E_ARGS', `${quote(twice)} is named twice`);
  const known = Object.keys(run.protocol.guarantees);
  const unknown = guarantees.find((word) => !known.includes(word));
  if (unknown === undefined) return;
  const choices = known.length === 0 ? 'none' : known.join(', ');
  const { name } = run.protocol;
  const advice = isId(unknown) ? ONE_SERVER : adviseNearest(unknown, known);
  throw new LineError(
    'E_ARGS',
    `${quote(unknown)} is no guarantee; protocol ${name} has ${choices}${advice}`,
  );
}

const pauseServer = defineCommand({
  name: 'pauseServer',
  args: [serverId('s')],
  about: 'stops the execution of a server without ending it: it receives and answers nothing',
  run: async (run, [id], { line }) => {
    if (run.topology.serverNotClient(id).isPaused) {
      throw new LineError('E_ARGS', `server ${id} is paused already`);
    }
    await run.pause(id, line);
  },
});

const resumeServer = defineCommand({
  name: 'resumeServer',
  args: [serverId('s')],
  about: 'resumes a paused server; it now receives what was sent to it meanwhile',
  run: async (run, [id], { line }) => {
    if (!run.topology.serverNotClient(id).isPaused) {
      throw new LineError('E_ARGS', `server ${id} is not paused`);
    }
    await run.resume(id, line);
  },
});

const fail = defineCommand({
  name: 'fail',
  args: [serverId('s')],
  about:
    'makes calls from and to a server fail at once, without telling any node; it runs on, and ' +
    'keeps its memory',
  run: async (run, [id], { line }) => {
    if (run.topology.serverNotClient(id).isFailed) {
      throw new LineError('E_ARGS', `server ${id} has failed already`);
    }
    await run.setFailed(id, true, line);
  },
});

const recover = defineCommand({
  name: 'recover',
  args: [serverId('s')],
  about: 'ends the effect of fail, without telling any node',
  run: async (run, [id], { line }) => {
    if (!run.topology.serverNotClient(id).isFailed) {
      throw new LineError('E_ARGS', `server ${id} has not failed`);
    }
    await run.setFailed(id, false, line);
  },
});

const clock = defineCommand({
  name: 'clock',
  args: [nodeId('n'), clockStep],
  about: "moves a node's wall clock: `+10s`, `-500ms`; its later lives keep the clock",
  run: async (run, [id, ms], { line }) => {
    run.topology.moveClock(id, ms);
    await setClock(run, id, line);
  },
});

/** Tells a live node by how much its wall clock is moved. */
async function setClock(run: Run, id: NodeId, line: number): Promise<void> {
  const node = run.topology.find(id);
  const offsetMs = run.topology.clockOffset(id);
  if (node !== undefined) await run.notify(node, 'setClock', { offsetMs }, line);
}

export const NODE_COMMANDS = [
  joinServer,
  killServer,
  joinClient,
  killClient,
  pauseServer,
  resumeServer,
  fail,
  recover,
  clock,
];

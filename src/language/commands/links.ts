// Commands that cut and restore links.
import type { NodeId } from '../../kernel/ids.ts';
import { flag, groups, MASTER, nodeOrMaster } from '../arguments.ts';
import { arriving } from '../arrivals.ts';
import { defineCommand } from '../command.ts';
import { LineError } from '../lineError.ts';
import { linkChange } from '../linkChange.ts';
import type { Run } from '../run.ts';
import { assertHasService } from '../service.ts';

const breakConnection = defineCommand({
  name: 'breakConnection',
  args: [nodeOrMaster('a'), nodeOrMaster('b'), flag('oneway')],
  about:
    'cuts the link between two servers, or a client and a server; `oneway`: only from a to b; ' +
    'between a node and `master`: cuts it off from the configuration service',
  run: async (run, [a, b, isOneway], report) => {
    const { line } = report;
    const { node, pair } = endsOf(run, a, b);
    if (node !== undefined) {
      if (isOneway) throw new LineError('E_ARGS', `${MASTER} is cut off in both directions only`);
      await run.setCutOff(node, true, line);
      return;
    }
    const isDone = isOneway ? await run.mute(...pair, line) : await run.disconnect(...pair, line);
    if (isDone) return;
    report.note(
      isOneway
        ? `nothing went from ${a} to ${b} before`
        : `there was no link between ${a} and ${b}`,
    );
  },
});

const createConnection = defineCommand({
  name: 'createConnection',
  args: [nodeOrMaster('a'), nodeOrMaster('b')],
  about:
    'makes or restores the link between two servers, or a client and a server; between a node ' +
    'and `master`: lets it reach the configuration service again',
  check: (run, [a, b]) => {
    const { pair } = endsOf(run, a, b);
    if (pair !== undefined) run.topology.pair(...pair);
  },
  run: async (run, [a, b], { line }, { arrivals }) => {
    const { node, pair } = endsOf(run, a, b);
    if (node !== undefined) await run.setCutOff(node, false, line);
    else await arriving(arrivals, pair, (told) => run.connect(...pair, line, told));
  },
});

type End = NodeId | typeof MASTER;

/**
 * Two nodes, or the one whose way to the configuration service is meant. Throws a LineError for a
 * protocol without a service.
 */
function endsOf(
  run: Run,
  a: End,
  b: End,
): { readonly node: NodeId; readonly pair?: never } | { node?: never; pair: [NodeId, NodeId] } {
  if (a !== MASTER && b !== MASTER) return { pair: [a, b] };
  assertHasService(run);
  if (a !== MASTER) return { node: a };
  if (b !== MASTER) return { node: b };
  throw new LineError('E_SELF', `${MASTER} and itself`);
}

const partition = defineCommand({
  name: 'partition',
  args: [groups],
  about:
    'cuts every link between the groups; nodes that are not named keep their links; `oneway`: ' +
    'only from a group to those after it, so that what these send still arrives',
  run: async (run, [{ parts, isOneway }], { line }) => {
    for (const id of parts.flat()) run.topology.node(id);
    const pairs = pairsAcross(parts).filter(([a, b]) => run.topology.link(a, b) !== undefined);
    const cut = (a: NodeId, b: NodeId): Promise<boolean> =>
      isOneway ? run.mute(a, b, line) : run.disconnect(a, b, line);
    await Promise.all(pairs.map(([a, b]) => cut(a, b)));
  },
});

function pairsAcross(parts: readonly NodeId[][]): [NodeId, NodeId][] {
  return parts.flatMap((part, index) => {
    const others = parts.slice(index + 1).flat();
    return part.flatMap((a) => others.map((b): [NodeId, NodeId] => [a, b]));
  });
}

const heal = defineCommand({
  name: 'heal',
  args: [],
  about:
    'restores every link between live nodes that was cut, in one or both directions, and the way ' +
    'of every node to the configuration service',
  run: async (run, _values, { line }) => {
    const links = run.topology.impairedLinks();
    await Promise.all(links.map(({ ends: [a, b] }) => run.connect(a.id, b.id, line)));
    // Last, because a server that hears the service again may need its peers.
    await Promise.all(run.topology.cutOff.map((id) => run.setCutOff(id, false, line)));
  },
});

const link = defineCommand({
  name: 'link',
  args: [linkChange],
  about:
    'sets what happens to messages from a to b, or on all links: `delay=5ms`, `delay=0..100ms` ' +
    'or `delay=normal(50ms,50ms)`, `loss=0.1`, `duplication=0.1`, `reorder=off`; what is not ' +
    'named stays; `reset` undoes it',
  run: async (run, [change]) => {
    const refusal = run.protocol.refuseLink?.(change.setting ?? {});
    if (refusal !== undefined) throw new LineError('E_ARGS', refusal);
    await run.setLink(change);
  },
});

export const LINK_COMMANDS = [breakConnection, createConnection, partition, heal, link];

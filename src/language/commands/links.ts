// Commands that cut and restore links.
import type { NodeId } from '../../kernel/ids.ts';
import { flag, groups, nodeId } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { linkChange } from '../linkChange.ts';

const breakConnection = defineCommand({
  name: 'breakConnection',
  args: [nodeId('a'), nodeId('b'), flag('oneway')],
  about: 'cuts the link between two servers, or a client and a server; `oneway`: only from a to b',
  run: (run, [a, b, isOneway], { line }) =>
    isOneway ? run.mute(a, b, line) : run.disconnect(a, b, line),
});

const createConnection = defineCommand({
  name: 'createConnection',
  args: [nodeId('a'), nodeId('b')],
  about: 'makes or restores the link between two servers, or a client and a server',
  run: (run, [a, b], { line }) => run.connect(a, b, line),
});

const partition = defineCommand({
  name: 'partition',
  args: [groups],
  about: 'cuts every link between the groups; nodes that are not named keep their links',
  run: async (run, [parts], { line }) => {
    for (const id of parts.flat()) run.topology.node(id);
    const pairs = pairsAcross(parts).filter(([a, b]) => run.topology.link(a, b) !== undefined);
    await Promise.all(pairs.map(([a, b]) => run.disconnect(a, b, line)));
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
  about: 'restores every link between live nodes that was cut, in one or both directions',
  run: async (run, _values, { line }) => {
    const links = run.topology.impairedLinks();
    await Promise.all(links.map(({ ends: [a, b] }) => run.connect(a.id, b.id, line)));
  },
});

const link = defineCommand({
  name: 'link',
  args: [linkChange],
  about:
    'sets what happens to messages from a to b, or on all links: `delay=5ms`, `delay=0..100ms` ' +
    'or `delay=normal(50ms,50ms)`, `loss=0.1`, `duplication=0.1`, `reorder=off`; what is not ' +
    'named stays; `reset` undoes it',
  run: (run, [change]) => run.setLink(change),
});

export const LINK_COMMANDS = [breakConnection, createConnection, partition, heal, link];

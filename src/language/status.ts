// What the console's `status` shows of a run: what the master knows without asking a node.
import type { NodeId } from '../kernel/ids.ts';
import type { Run } from './run.ts';
import type { Link, LiveNode } from './topology.ts';

const NONE = 'none';

/** Lines for a reader. `world` says where the run takes place, as a phrase. */
export function describeStatus(
  { protocol, options, topology }: Pick<Run, 'protocol' | 'options' | 'topology'>,
  world: string,
): string[] {
  const nodesOf = (role: 'server' | 'client'): LiveNode[] =>
    topology.ids(role).map((id) => topology.node(id));
  const chosen = Object.entries(options).map(([name, value]) => `${name}=${value}`);
  const gone = topology.goneServers;
  const servers = nodesOf('server').map((node) => `${node.id}${tellState(node)}`);
  const clients = nodesOf('client').map(({ id }) => `${id} ${tellServers(topology.serversOf(id))}`);
  const cuts = topology.impairedLinks().map(tellLink);
  const cutOff = topology.cutOff.map((id) => `${id} is cut off from the configuration service`);
  return [
    `protocol  ${[protocol.name, ...chosen].join(' ')}, ${world}`,
    `servers   ${list(servers)}${gone.length === 0 ? '' : `; gone: ${gone.join(', ')}`}`,
    `clients   ${list(clients, '; ')}`,
    `links     ${list([...cuts, ...cutOff], '; ', 'all work')}`,
  ];
}

function list(texts: readonly string[], separator = ', ', none = NONE): string {
  return texts.length === 0 ? none : texts.join(separator);
}

function tellState({ isPaused, isFailed }: LiveNode): string {
  const states = [...(isPaused ? ['paused'] : []), ...(isFailed ? ['failed'] : [])];
  return states.length === 0 ? '' : ` (${states.join(', ')})`;
}

function tellServers(servers: readonly NodeId[]): string {
  if (servers.length === 0) return 'without a server';
  return `at ${servers.join(', ')}`;
}

function tellLink({ ends: [a, b], isCut, muted }: Link): string {
  if (isCut || muted.size === 2) return `${Math.min(a.id, b.id)}-${Math.max(a.id, b.id)} cut`;
  const from = muted.has(a.id) ? a : b;
  const to = from === a ? b : a;
  return `${from.id} no longer reaches ${to.id}`;
}

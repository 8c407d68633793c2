// What can be done to a node or a link at a moment: each action is one line of the script.
import type { NodeId } from '../../kernel/ids.ts';
import { findLink, type Topology, type TopologyNode } from './topology.ts';

export type FaultTarget =
  | { readonly kind: 'node'; readonly id: NodeId }
  | { readonly kind: 'pair'; readonly ends: readonly [NodeId, NodeId] };

export interface Fault {
  readonly label: string;
  /** The line to insert. */
  readonly line: string;
}

/** Only what makes sense in the present state. `hasService`: there is a configuration service. */
export function faultsOf(target: FaultTarget, topology: Topology, hasService: boolean): Fault[] {
  if (target.kind === 'pair') return faultsOfPair(target.ends, topology);
  const node = topology.nodes.find(({ id }) => id === target.id);
  return node === undefined ? [] : faultsOfNode(node, hasService);
}

/** The live nodes that the node may have a link with, by id. Two clients have none. */
export function peersOf(id: NodeId, { nodes }: Topology): NodeId[] {
  const node = nodes.find((one) => one.id === id);
  if (!node?.isAlive) return [];
  return nodes
    .filter((other) => other.isAlive && other.id !== id)
    .filter((other) => other.role === 'server' || node.role === 'server')
    .map((other) => other.id);
}

function faultsOfNode(node: TopologyNode, hasService: boolean): Fault[] {
  const { id, role, isAlive, isPaused, isFailed, isCutOff } = node;
  const service: Fault = isCutOff
    ? { label: 'Link to the service', line: `createConnection ${id} master` }
    : { label: 'Cut off from the service', line: `breakConnection ${id} master` };
  const services = hasService ? [service] : [];
  const killed: Fault = { label: 'Kill', line: `killClient ${id}` };
  if (role === 'client') return isAlive ? [killed, ...services] : [];
  if (!isAlive) return [{ label: 'Start again', line: `joinServer ${id}` }];
  return [
    { label: 'Kill', line: `killServer ${id}` },
    isPaused
      ? { label: 'Resume', line: `resumeServer ${id}` }
      : { label: 'Pause', line: `pauseServer ${id}` },
    isFailed ? { label: 'Recover', line: `recover ${id}` } : { label: 'Fail', line: `fail ${id}` },
    ...services,
  ];
}

function faultsOfPair([a, b]: readonly [NodeId, NodeId], topology: Topology): Fault[] {
  const link = findLink(topology, [a, b]);
  const create = `createConnection ${a} ${b}`;
  if (link === undefined) return [{ label: 'Make the link', line: create }];
  const restore = { label: 'Restore the link', line: create };
  if (link.isCut) return [restore];
  const oneWay = [
    [a, b],
    [b, a],
  ].filter(([from]) => !link.muted.includes(from as NodeId));
  return [
    ...(link.muted.length > 0 ? [restore] : []),
    { label: 'Cut', line: `breakConnection ${a} ${b}` },
    ...oneWay.map(([from, to]) => ({
      label: `Cut only ${from} \u2192 ${to}`,
      line: `breakConnection ${from} ${to} oneway`,
    })),
  ];
}

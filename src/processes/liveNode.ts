// A node that lives on a process, as the master's side of the world keeps it.
import type { NodeSpec } from '../kernel/cluster.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { LinkOrder } from '../rpc/assignment.ts';
import type { NodeProcess } from './nodeProcess.ts';

export interface LiveNode {
  readonly spec: NodeSpec;
  readonly process: NodeProcess;
  port: number;
  isOrdered: boolean;
  isPaused: boolean;
  /** The peers of its open links. */
  readonly peers: Set<NodeId>;
}

/** As the peers of a link know it. */
export function peerOf({ spec: { id, incarnation, role }, port }: LiveNode): LinkOrder['peer'] {
  return { id, incarnation, role, port };
}

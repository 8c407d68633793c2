// What the master knows of a live node on a real process.
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

/** The node as its peers address it. */
export function peerOf({ spec: { id, role, incarnation }, port }: LiveNode): LinkOrder['peer'] {
  return { id, role, incarnation, port };
}

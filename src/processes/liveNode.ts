// What the master knows of a live node on a real process.
import type { Death, NodeSpec } from '../kernel/cluster.ts';
import type { NodeId } from '../kernel/ids.ts';
import { type LinkOrder, WORLD } from '../rpc/assignment.ts';
import type { NodeProcess } from './nodeProcess.ts';

export interface LiveNode {
  readonly spec: NodeSpec;
  readonly process: NodeProcess;
  /** 0 until it has begun. */
  port: number;
  isOrdered: boolean;
  isPaused: boolean;
  /** The peers of its open links. */
  readonly peers: Set<NodeId>;
}

/** The nodes that have begun, as their peers address them. */
export function peersOf(nodes: Iterable<LiveNode>): LinkOrder['peer'][] {
  return [...nodes].filter(({ port }) => port !== 0).map(peerOf);
}

/** The node as its peers address it. */
export function peerOf({ spec: { id, role, incarnation }, port }: LiveNode): LinkOrder['peer'] {
  return { id, role, incarnation, port };
}

/** How long the end of a traced run waits for the last events of a node. */
const FLUSH_TIMEOUT_MS = 200;

/** Waits until the node has reported all events of its trace. */
export async function flushTrace({ isPaused, process }: LiveNode): Promise<void> {
  if (!isPaused) await process.call(WORLD.flush, {}, FLUSH_TIMEOUT_MS).catch(() => undefined);
}

/** Ends its process. Gives the death of a node that a bug had ended before; else nothing. */
export async function endNode({ spec, process }: LiveNode): Promise<Death[]> {
  await process.kill();
  const end = await process.gone;
  return end.isBug ? [{ id: spec.id, incarnation: spec.incarnation, ...end }] : [];
}

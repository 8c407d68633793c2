// Asks the servers of a run for their states, for show: it is no event of the run.
import type { NodeId } from '../kernel/ids.ts';
import type { Inspection } from '../kernel/inspection.ts';
import { WORLD } from '../rpc/assignment.ts';
import type { LiveNode } from './liveNode.ts';

/** How long a look waits for a server: it is for show, and a run must not wait for it for long. */
const LOOK_TIMEOUT_MS = 1_000;

export interface ServerState {
  readonly id: NodeId;
  /** What `inspect` would show; null for a server that is paused or does not answer. */
  readonly state: Inspection | null;
}

/** The states of all live servers, by id. */
export function lookAtServers(nodes: Iterable<LiveNode>): Promise<ServerState[]> {
  const servers = [...nodes].filter(({ spec }) => spec.role === 'server');
  servers.sort((a, b) => a.spec.id - b.spec.id);
  return Promise.all(
    servers.map(async (node) => ({ id: node.spec.id, state: await lookAt(node) })),
  );
}

async function lookAt({ process, isPaused }: LiveNode): Promise<Inspection | null> {
  if (isPaused) return null;
  const looked = process.call(WORLD.look, {}, LOOK_TIMEOUT_MS);
  const { state } = (await looked.catch(() => ({ state: null }))) as { state: Inspection | null };
  return state;
}

// The interface of an engine: a replicated store of others, run as a world of real programs. The
// same scripts run on it, and their runs are judged in the same way.
import type { Cluster, WorldSetup } from './cluster.ts';
import type { Design } from './design.ts';
import type { NodeId } from './ids.ts';
import type { Inspection } from './inspection.ts';
import type { Usual } from './traffic.ts';

export interface EngineSetup extends WorldSetup<Design> {
  /** What happens to messages for which the script sets nothing; a healthy network if absent. */
  readonly usual?: Usual;
}

/** What a server holds, for show; null for one that is paused or does not answer. */
export interface ServerState {
  readonly id: NodeId;
  readonly state: Inspection | null;
}

export interface EngineCluster extends Cluster {
  /** The states of all live servers, by id. It must not change the run. */
  lookAtServers(): Promise<ServerState[]>;
}

export interface Engine extends Design {
  /** Starts no program before the first `start` of the cluster. */
  createCluster(setup: EngineSetup): Promise<EngineCluster>;
}

export function isEngine(design: Design): design is Engine {
  return 'createCluster' in design;
}

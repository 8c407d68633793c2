// What a world of real processes is made from, and what it can do beyond any other Cluster.
import type { Cluster } from '../kernel/cluster.ts';
import type { NodeId, Role } from '../kernel/ids.ts';
import type { Tokens } from '../rpc/access.ts';
import type { DataFolder } from '../rpc/dataFolder.ts';
import type { Guard } from './guard.ts';
import type { ServerState } from './lookAtServers.ts';
import type { ProcessPool } from './processPool.ts';

export interface ProcessExtras {
  /** The source of processes. The cluster stops it at its own end. */
  readonly pool?: ProcessPool;
  /** The folder of the servers' logs. The cluster closes it at its own end. */
  readonly data?: DataFolder;
  /** The guard of the data. The cluster stops it last. */
  readonly guard?: Guard;
}

/** The ports of the nodes of a run, and the tokens to call them. */
export interface Endpoints {
  readonly nodes: readonly { id: NodeId; role: Role; incarnation: number; port: number }[];
  readonly tokens: Tokens;
}

export interface ProcessCluster extends Cluster {
  endpoints(): Endpoints;
  /**
   * What `inspect` would show of every live server, by id; null for one that is paused or does not
   * answer. It is no event of the run.
   */
  lookAtServers(): Promise<ServerState[]>;
  /** All processes of the world: those of nodes with their ids, and the guard if there is one. */
  pids(): { readonly pid: number; readonly id?: NodeId }[];
}

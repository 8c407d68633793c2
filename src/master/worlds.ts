// The two worlds in which a script can run. Each is loaded only when it is used.
import type { Cluster, WorldSetup } from '../kernel/cluster.ts';
import type { Inspection } from '../kernel/inspection.ts';
import { hasLog } from '../kernel/storageOption.ts';
import type { ScriptLine } from '../language/lines.ts';
import { refuseLog } from '../processes/assigning.ts';
import type { ProcessCluster, ProcessExtras } from '../processes/processCluster.ts';
import type { ProcessPool } from '../processes/processPool.ts';
import type { FaultPlan } from '../sim/faultPlan.ts';
import type { SimCluster } from '../sim/simCluster.ts';
import type { States } from '../web/run/lookAtNodes.ts';
import { replacePrivateFile } from './privateFile.ts';

export interface World {
  createCluster(setup: WorldSetup): Promise<Cluster>;
  /** Receives lines that will run soon, so that the world can prepare what they need. */
  foresee(lines: readonly ScriptLine[]): Promise<void>;
  /** Called when nodes have joined or gone. */
  nodesChanged(): void;
  /** The states of servers and service now, without an event of the run; undefined before it. */
  look(): Promise<States | undefined>;
  /** Ends what was prepared and never used. The caller that created a cluster must stop it. */
  close(): Promise<void>;
}

/** A simulated world; with `faults`, its network misbehaves. */
export function createSimWorld(faults?: FaultPlan): World {
  let cluster: SimCluster | undefined;
  return {
    createCluster: async (setup) => {
      const { createSimCluster } = await import('../sim/world.ts');
      cluster = createSimCluster({ ...setup, ...(faults && { faults }) });
      return cluster;
    },
    foresee: async () => {},
    nodesChanged: () => {},
    look: async () => {
      const { lookAtNodes } = await import('../web/run/lookAtNodes.ts');
      return cluster && lookAtNodes(cluster);
    },
    close: async () => {},
  };
}

export interface ProcessWorldSetup {
  /** A file for the addresses of the nodes. */
  readonly endpointsPath?: string | undefined;
  /** The folder of servers' logs; without it, each run with logs has its own folder. */
  readonly dataPath?: string | undefined;
}

/** A world of real processes. */
export function createProcessWorld({ endpointsPath, dataPath }: ProcessWorldSetup = {}): World {
  let pool: ProcessPool | undefined;
  let cluster: ProcessCluster | undefined;
  let hasForeseen = false;
  return {
    createCluster: async (setup) => {
      const { createProcessCluster } = await import('../processes/realWorld.ts');
      const logs = hasLog(setup.options) ? await openLogs(dataPath, setup) : {};
      cluster = createProcessCluster(setup, { ...(pool && { pool }), ...logs });
      // The cluster ends its pool with itself, so another cluster needs another pool.
      pool = undefined;
      return cluster;
    },
    foresee: async (lines) => {
      if (hasForeseen) return;
      hasForeseen = true;
      const counts = countJoins(lines);
      if (counts.server + counts.client === 0) return;
      const { createProcessPool } = await import('../processes/processPool.ts');
      pool = createProcessPool();
      pool.expect(counts);
    },
    nodesChanged: () => {
      if (endpointsPath !== undefined && cluster !== undefined) {
        const text = JSON.stringify(cluster.endpoints(), undefined, 2);
        // Readable by its owner only: the tokens are in it.
        replacePrivateFile(endpointsPath, `${text}\n`);
      }
    },
    look: async () => {
      if (cluster === undefined) return undefined;
      const service = (await cluster.service.inspect().catch(() => null)) as Inspection | null;
      return { servers: await cluster.lookAtServers(), service };
    },
    close: async () => {
      await pool?.stop();
    },
  };
}

/**
 * Opens the logs in the given folder or, without one, in a temporary folder that a guard removes.
 */
async function openLogs(
  path: string | undefined,
  { note }: WorldSetup,
): Promise<Pick<ProcessExtras, 'data' | 'guard'>> {
  if (path !== undefined) {
    const { openDataFolder } = await import('../rpc/dataFolder.ts');
    return { data: await openDataFolder(path).catch(refuseLog) };
  }
  const { openOwnData, OWN_DATA_NOTE } = await import('../processes/ownData.ts');
  const own = await openOwnData().catch(refuseLog);
  note?.(OWN_DATA_NOTE);
  return own;
}

const JOIN = /^[ \t]*join(Server|Client)[ \t]+([0-9]+)/;

/** An estimate of how many processes these lines need, without running them. */
export function countJoins(lines: readonly ScriptLine[]): { server: number; client: number } {
  const clients = new Set<string>();
  let server = 0;
  for (const line of lines) {
    const [, role, id] = ('text' in line && JOIN.exec(line.text)) || [];
    if (role === 'Server') server += 1;
    if (role === 'Client' && id !== undefined) clients.add(id);
  }
  return { server, client: clients.size };
}

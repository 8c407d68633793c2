// The two worlds in which a script can run. Each is loaded only when it is used.

import { ENGINES } from '../engines/registry.ts';
import { type Cluster, EnvironmentError, type WorldSetup } from '../kernel/cluster.ts';
import type { Design } from '../kernel/design.ts';
import { type EngineCluster, isEngine } from '../kernel/engine.ts';
import type { Inspection } from '../kernel/inspection.ts';
import { asProtocol, isProtocol } from '../kernel/protocol.ts';
import { hasLog } from '../kernel/storageOption.ts';
import { tellReal } from '../language/choice.ts';
import type { ScriptLine } from '../language/lines.ts';
import { refuseLog } from '../processes/assigning.ts';
import type { ProcessCluster, ProcessExtras } from '../processes/processCluster.ts';
import type { ProcessPool } from '../processes/processPool.ts';
import type { FaultPlan } from '../sim/faultPlan.ts';
import type { SimCluster } from '../sim/simCluster.ts';
import type { States } from '../web/run/lookAtNodes.ts';
import { replacePrivateFile } from './privateFile.ts';
import { toUsual } from './realFaults.ts';

export interface World {
  createCluster(setup: WorldSetup<Design>): Promise<Cluster>;
  /** Why this world cannot run a protocol, in a sentence; undefined if it can. */
  whyNot(protocol: Design): string | undefined;
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
      const protocol = asProtocol(setup.protocol);
      cluster = createSimCluster({ ...setup, protocol, ...(faults && { faults }) });
      return cluster;
    },
    whyNot: (protocol) => (isProtocol(protocol) ? undefined : tellReal(protocol)),
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
  /** Of messages between the nodes of others; our own have none on real processes. */
  readonly faults?: FaultPlan | undefined;
  /** The protocol of a script that chooses none. */
  readonly protocol?: Design;
}

/** A world of real processes. */
export function createProcessWorld(world: ProcessWorldSetup = {}): World {
  const { endpointsPath, dataPath, faults } = world;
  let pool: ProcessPool | undefined;
  let cluster: ProcessCluster | undefined;
  let engine: EngineCluster | undefined;
  let hasForeseen = false;
  return {
    createCluster: async ({ protocol, ...setup }) => {
      if (isEngine(protocol)) {
        if (areEnginesOff()) throw new EnvironmentError('E_SPAWN', ENGINES_OFF);
        const usual = faults && { usual: toUsual(faults) };
        engine = await protocol.createCluster({ ...setup, protocol, ...usual });
        return engine;
      }
      const { createProcessCluster } = await import('../processes/realWorld.ts');
      const logs = hasLog(setup.options) ? await openLogs(dataPath, setup) : {};
      const own = { ...setup, protocol: asProtocol(protocol) };
      cluster = createProcessCluster(own, { ...(pool && { pool }), ...logs });
      // The cluster ends its pool with itself, so another cluster needs another pool.
      pool = undefined;
      return cluster;
    },
    whyNot: (protocol) => whyNotReal(protocol, world),
    foresee: async (lines) => {
      if (hasForeseen) return;
      hasForeseen = true;
      if (namesEngine(lines, world)) return;
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
      if (engine !== undefined) return { servers: await engine.lookAtServers(), service: null };
      if (cluster === undefined) return undefined;
      const service = (await cluster.service.inspect().catch(() => null)) as Inspection | null;
      return { servers: await cluster.lookAtServers(), service };
    },
    close: async () => {
      await pool?.stop();
    },
  };
}

/** For who runs scripts of others: a script cannot start programs then, nor reach other hosts. */
function areEnginesOff(): boolean {
  return process.env.CAUSEWAY_ENGINES === 'off';
}

const ENGINES_OFF = 'stores of others are switched off here (CAUSEWAY_ENGINES=off)';

/** Faults of the command line are refused there for a protocol of ours. */
function whyNotReal(
  protocol: Design,
  { endpointsPath, faults }: ProcessWorldSetup,
): string | undefined {
  if (isProtocol(protocol)) {
    return faults === undefined ? undefined : '--faults of this protocol need --sim';
  }
  if (areEnginesOff()) return ENGINES_OFF;
  return endpointsPath === undefined
    ? faults && protocol.refuseLink?.(faults)
    : `protocol ${protocol.name} has no addresses for --endpoints`;
}

const CHOICE = /^[ \t]*protocol[ \t]+([^ \t]+)/;

/** Whether lines that have not run yet choose a store of others, which needs no process of ours. */
function namesEngine(lines: readonly ScriptLine[], { protocol }: ProcessWorldSetup): boolean {
  const named = lines.flatMap((line) => ('text' in line && CHOICE.exec(line.text)?.[1]) || []);
  if (named.length > 0) return named.some((name) => ENGINES.some((engine) => engine.name === name));
  return protocol !== undefined && isEngine(protocol);
}

/**
 * Opens the logs in the given folder or, without one, in a temporary folder that a guard removes.
 */
async function openLogs(
  path: string | undefined,
  { note }: Pick<WorldSetup, 'note'>,
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

// Servers and clients in either world, joined and linked as the master does it, for tables that ask
// them directly.
import type { Cluster } from '../src/kernel/cluster.ts';
import type { NodeId, Role } from '../src/kernel/ids.ts';
import type { Json } from '../src/kernel/json.ts';
import { completeOptions, type Protocol } from '../src/kernel/protocol.ts';
import { createProcessPool, type RoleCounts } from '../src/processes/processPool.ts';
import { createProcessCluster, type ProcessCluster } from '../src/processes/realWorld.ts';
import { PROTOCOLS } from '../src/protocols/registry.ts';
import type { DataFolder } from '../src/rpc/dataFolder.ts';
import { createSimCluster, type SimCluster, type SimSetup } from '../src/sim/world.ts';
import { BUNDLES } from './floors.ts';

export class Testbed<C extends Cluster = Cluster> {
  readonly cluster: C;
  readonly #roleById = new Map<NodeId, Role>();

  constructor(cluster: C) {
    this.cluster = cluster;
  }

  async start(id: NodeId, role: Role): Promise<void> {
    const isFirst = ![...this.#roleById.values()].includes(role);
    this.#roleById.set(id, role);
    await this.cluster.start({ id, role, incarnation: 1 });
    // As at a join: the first server learns that it is, before it hears of others.
    if (role === 'server' && isFirst) await this.ask(id, 'settle', {});
  }

  async link(a: NodeId, b: NodeId): Promise<void> {
    await this.cluster.link(a, b);
    await Promise.all([
      this.cluster.ask(a, 'connect', { peer: b, role: this.#roleOf(b) }),
      this.cluster.ask(b, 'connect', { peer: a, role: this.#roleOf(a) }),
    ]);
  }

  ask(id: NodeId, method: string, params: Json): Promise<Json> {
    return this.cluster.ask(id, method, params);
  }

  /** Throws unless the client has its answer. */
  async operate(client: NodeId, method: 'put' | 'get', params: Json): Promise<void> {
    const { outcome } = (await this.ask(client, method, params)) as { outcome: string };
    if (outcome !== 'ok') throw new Error(`an operation ended with ${outcome}`);
  }

  stop(): Promise<void> {
    return this.cluster.stop();
  }

  #roleOf(id: NodeId): Role {
    return this.#roleById.get(id) ?? 'server';
  }
}

/** What every table measures: the first of the registry. */
export function findProtocol(): Protocol {
  const [protocol] = PROTOCOLS;
  if (protocol === undefined) throw new Error('there is no protocol to measure');
  return protocol;
}

type Gossip = 'eager' | 'off';

function setupOf(gossip: Gossip) {
  const protocol = findProtocol();
  return { protocol, options: completeOptions(protocol, { gossip }), seed: 1 };
}

export interface ProcessTestbed extends Testbed<ProcessCluster> {
  /** Of the processes that were taken so far. */
  readonly pids: readonly number[];
}

/** Real processes, so many of which are started at once. With `data`, servers keep logs there. */
export function createProcessTestbed(
  gossip: Gossip,
  expected: RoleCounts,
  data?: DataFolder,
): ProcessTestbed {
  const pool = createProcessPool({ bundles: BUNDLES });
  pool.expect(expected);
  const pids: number[] = [];
  const take: typeof pool.take = async (role) => {
    const process = await pool.take(role);
    pids.push(process.pid);
    return process;
  };
  const { options, ...setup } = setupOf(gossip);
  const storage = data === undefined ? 'memory' : 'log';
  const cluster = createProcessCluster(
    { ...setup, options: { ...options, storage } },
    { pool: { ...pool, take }, ...(data && { data }) },
  );
  return Object.assign(new Testbed(cluster), { pids });
}

export function createSimTestbed(gossip: Gossip, setup: Partial<SimSetup>): Testbed<SimCluster> {
  return new Testbed(createSimCluster({ ...setupOf(gossip), ...setup }));
}

export type Shape = 'mesh' | 'line' | 'star';

/** The links between `count` servers, numbered from 0. */
export function linksOf(shape: Shape, count: number): [NodeId, NodeId][] {
  const ids = Array.from({ length: count }, (_, id) => id);
  switch (shape) {
    case 'mesh':
      return ids.flatMap((a) => ids.slice(a + 1).map((b): [NodeId, NodeId] => [a, b]));
    case 'line':
      return ids.slice(1).map((b) => [b - 1, b]);
    case 'star':
      return ids.slice(1).map((b) => [0, b]);
  }
}

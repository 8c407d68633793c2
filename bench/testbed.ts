// Servers and clients in either world, joined and linked as the master does it, for tables that ask
// them directly.
import type { Cluster } from '../src/kernel/cluster.ts';
import type { NodeId, Role } from '../src/kernel/ids.ts';
import type { Json } from '../src/kernel/json.ts';
import { OPERATION_DEADLINE_MS } from '../src/kernel/limits.ts';
import { completeOptions, type Options, type Protocol } from '../src/kernel/protocol.ts';
import type { ProcessCluster } from '../src/processes/processCluster.ts';
import {
  createProcessPool,
  type ProcessPool,
  type RoleCounts,
} from '../src/processes/processPool.ts';
import { createProcessCluster } from '../src/processes/realWorld.ts';
import { PROTOCOLS } from '../src/protocols/registry.ts';
import { type DataFolder, openDataFolder } from '../src/rpc/dataFolder.ts';
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

/** The first of the registry, unless another one is named. */
export function findProtocol(name?: string): Protocol {
  const protocol = PROTOCOLS.find((one) => name === undefined || one.name === name);
  if (protocol === undefined) throw new Error(`there is no protocol ${name}`);
  return protocol;
}

export interface ProtocolSetup {
  readonly protocol: Protocol;
  readonly options: Options;
  /** So many, numbered from 0, all linked. */
  readonly servers: number;
  readonly clients: readonly NodeId[];
  /** The servers that each client is linked to. */
  readonly reached: readonly NodeId[];
  /** Servers keep logs in this folder. */
  readonly folder?: string;
}

export interface ProcessTestbed extends Testbed<ProcessCluster> {
  /** Of the processes that were taken so far, servers and clients in turn of their start. */
  readonly pids: readonly number[];
}

/** A protocol on real processes, which has quiesced. */
export async function startProtocol(setup: ProtocolSetup): Promise<ProcessTestbed> {
  const { protocol, servers, clients, reached, folder } = setup;
  const { pool, pids } = createPool({ server: servers, client: clients.length });
  const data = folder === undefined ? undefined : await openDataFolder(folder);
  const options = completeOptions(protocol, setup.options);
  const cluster = createProcessCluster(
    { protocol, options, seed: 1 },
    { pool, ...(data && { data }) },
  );
  const testbed = Object.assign(new Testbed(cluster), { pids });
  // As a script joins them: one after the other, each linked to those before.
  for (let id = 0; id < servers; id += 1) {
    await testbed.start(id, 'server');
    await Promise.all(Array.from({ length: id }, (_, peer) => testbed.link(id, peer)));
    await cluster.ask(id, 'settle', {}, OPERATION_DEADLINE_MS);
  }
  for (const client of clients) {
    await testbed.start(client, 'client');
    for (const server of reached) await testbed.link(client, server);
  }
  return testbed;
}

type Gossip = 'eager' | 'off';

function setupOf(gossip: Gossip) {
  const protocol = findProtocol();
  return { protocol, options: completeOptions(protocol, { gossip }), seed: 1 };
}

/** A pool that notes the processes that are taken from it. */
function createPool(expected: RoleCounts): { pool: ProcessPool; pids: readonly number[] } {
  const pool = createProcessPool({ bundles: BUNDLES });
  pool.expect(expected);
  const pids: number[] = [];
  const take: typeof pool.take = async (role) => {
    const process = await pool.take(role);
    pids.push(process.pid);
    return process;
  };
  return { pool: { ...pool, take }, pids };
}

/** Real processes, so many of which are started at once. With `data`, servers keep logs there. */
export function createProcessTestbed(
  gossip: Gossip,
  expected: RoleCounts,
  data?: DataFolder,
): ProcessTestbed {
  const { pool, pids } = createPool(expected);
  const { options, ...setup } = setupOf(gossip);
  const storage = data === undefined ? 'memory' : 'log';
  const cluster = createProcessCluster(
    { ...setup, options: { ...options, storage } },
    { pool, ...(data && { data }) },
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

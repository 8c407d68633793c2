// Real processes that run the tiny protocol, for one test file; they are ended after each test.
import { afterEach } from 'vitest';
import type { WorldSetup } from '../../src/kernel/cluster.ts';
import type { NodeId, Role } from '../../src/kernel/ids.ts';
import type { ProcessCluster } from '../../src/processes/processCluster.ts';
import { createProcessPool } from '../../src/processes/processPool.ts';
import { createProcessCluster } from '../../src/processes/realWorld.ts';
import { useTinyBundles } from './tinyBundles.ts';
import { tiny } from './tinyProtocol.ts';

export interface TinyWorld {
  readonly cluster: ProcessCluster;
  /** Begins lives: `{ 0: 'server', 2: 'client' }`. */
  start(roles: { readonly [id: number]: Role }): Promise<void>;
  /** Links two nodes and tells both, as the master's interpreter does. */
  join(a: NodeId, b: NodeId): Promise<void>;
  /** The result of a server's call to a peer, as JSON, or the error's code and text. */
  call(from: NodeId, to: NodeId, method: string, params?: object): Promise<string>;
  command(id: NodeId, name: string, ...args: string[]): Promise<string[]>;
}

export function useTinyWorlds(): (setup?: Partial<WorldSetup>) => TinyWorld {
  const folder = useTinyBundles();
  const clusters: ProcessCluster[] = [];
  afterEach(async () => {
    await Promise.all(clusters.splice(0).map((cluster) => cluster.stop()));
  });
  return (setup = {}) => {
    const pool = createProcessPool({ bundles: folder() });
    const cluster = createProcessCluster(
      { protocol: tiny, options: {}, seed: 7, ...setup },
      { pool },
    );
    clusters.push(cluster);
    return createTinyWorld(cluster);
  };
}

function createTinyWorld(cluster: ProcessCluster): TinyWorld {
  const roles = new Map<NodeId, Role>();
  const command: TinyWorld['command'] = async (id, name, ...args) => {
    const answer = await cluster.ask(id, 'command', { name, args });
    return (answer as unknown as { lines: string[] }).lines;
  };
  return {
    cluster,
    command,
    start: async (lives) => {
      const specs = Object.entries(lives).map(([id, role]) => ({ id: Number(id), role }));
      for (const { id, role } of specs) roles.set(id, role);
      await Promise.all(specs.map((spec) => cluster.start({ ...spec, incarnation: 1 })));
    },
    join: async (a, b) => {
      await cluster.link(a, b);
      const tell = (id: NodeId, peer: NodeId) =>
        cluster.ask(id, 'connect', { peer, role: roles.get(peer) ?? 'server' });
      await Promise.all([tell(a, b), tell(b, a)]);
    },
    call: async (from, to, method, params = {}) => {
      const [line = ''] = await command(from, 'call', String(to), method, JSON.stringify(params));
      return line;
    },
  };
}

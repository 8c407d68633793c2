// A protocol that the test controls: it gives the test the Env of every life and lets it answer
// every call. It assumes nothing, so that only the world is tested.
import * as v from 'valibot';
import type { Env } from '../../src/kernel/env.ts';
import type { NodeId } from '../../src/kernel/ids.ts';
import { defineMessages } from '../../src/kernel/messages.ts';
import { defineProtocol, type Protocol } from '../../src/kernel/protocol.ts';
import type { TraceEvent } from '../../src/kernel/trace.ts';
import { type FaultPlan, NO_FAULTS } from '../../src/sim/faultPlan.ts';
import { createSimCluster, type SimCluster } from '../../src/sim/world.ts';

/** Passed on as it is, so that a shared object would show. */
const anything = v.custom<object>(() => true);

const messages = defineMessages({
  hit: {
    from: 'server',
    to: 'server',
    about: 'Says something.',
    params: anything,
    result: anything,
  },
});

export type OpenEnv = Env<typeof messages>;
export type Hit = (from: NodeId, params: never, env: OpenEnv) => object | Promise<object>;

export interface OpenWorld {
  readonly cluster: SimCluster;
  readonly trace: TraceEvent[];
  /** The Env of each server's latest life. */
  readonly envById: Map<NodeId, OpenEnv>;
  /** Answers what comes in at any server. */
  onHit: Hit;
  env(id: NodeId): OpenEnv;
}

export function createOpenWorld(faults: Partial<FaultPlan> = {}, seed = 1): OpenWorld {
  const trace: TraceEvent[] = [];
  const envById = new Map<NodeId, OpenEnv>();
  const world: OpenWorld = {
    cluster: createSimCluster({
      protocol: createOpenProtocol(envById, (...hit) => world.onHit(...hit)),
      options: {},
      seed,
      faults: { ...NO_FAULTS, ...faults },
      trace: (event) => trace.push(event),
    }),
    trace,
    envById,
    onHit: (_from, params) => params,
    env: (id) => envById.get(id) as OpenEnv,
  };
  return world;
}

function createOpenProtocol(envById: Map<NodeId, OpenEnv>, onHit: Hit): Protocol {
  return defineProtocol({
    name: 'open',
    summary: 'Whatever the test does.',
    claims: [],
    messages,
    createReplica: (env) => {
      envById.set(env.self.id, env);
      return {
        state: undefined,
        handlers: { hit: (from, params) => onHit(from, params as never, env) },
        connected: ignore,
        disconnected: ignore,
        quiesced: () => Promise.resolve(undefined),
        stabilize: () => Promise.resolve({ reached: [], missing: [] }),
        entries: () => [],
        inspect: () => ({}),
      };
    },
    createSession: () => {
      throw new Error('there are servers only');
    },
  });
}

function ignore(): void {}

/** Servers 0, 1, ..., each linked to every other. */
export async function startServers({ cluster }: OpenWorld, count: number): Promise<void> {
  for (let id = 0; id < count; id += 1) {
    await cluster.start({ role: 'server', id, incarnation: 1 });
    for (let other = 0; other < id; other += 1) await cluster.link(id, other);
  }
}

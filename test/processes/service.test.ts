// Clients and servers that call the configuration service on real processes, and lose the way to
// it: a script has the same answers as in simulation.
import { afterEach, expect, it } from 'vitest';
import { createScriptLanguage } from '../../src/fuzz/scriptSession.ts';
import type { Cluster } from '../../src/kernel/cluster.ts';
import type { Options, Protocol } from '../../src/kernel/protocol.ts';
import type { TraceEvent } from '../../src/kernel/trace.ts';
import { createProcessPool } from '../../src/processes/processPool.ts';
import { createProcessCluster } from '../../src/processes/realWorld.ts';
import { createSimCluster } from '../../src/sim/world.ts';
import { TEST_PROTOCOLS } from '../support/protocols/registry.ts';
import { useTinyBundles } from '../support/tinyBundles.ts';

const bundles = useTinyBundles();
const clusters: Cluster[] = [];
afterEach(async () => {
  await Promise.all(clusters.splice(0).map((cluster) => cluster.stop()));
});

const reaching = TEST_PROTOCOLS.find(({ clientsReachAll }) => clientsReachAll) as Protocol;
const language = createScriptLanguage(TEST_PROTOCOLS);

/** What a script says, with the calls that the service noted. */
async function play(
  lines: readonly string[],
  createCluster: (setup: Parameters<typeof createSimCluster>[0]) => Cluster,
): Promise<readonly unknown[]> {
  const said: unknown[] = [];
  const trace = (event: TraceEvent): void => {
    if (event.node === 'master') said.push(event.detail);
  };
  const session = language.open({
    protocol: reaching,
    seed: 1,
    createCluster: (protocol: Protocol, options: Options) => {
      const cluster = createCluster({ protocol, options, seed: 1, trace });
      clusters.push(cluster);
      return cluster;
    },
    onInitialWrite: () => undefined,
    onOperation: ({ kind, value, outcome, server }) => said.push([kind, value, outcome, server]),
    onAnswer: (text) => said.push(text),
    onDiagnostic: (text) => said.push(text),
  });
  for (const line of lines) await session.do(line);
  await session.stop();
  return said;
}

const createReal = (setup: Parameters<typeof createSimCluster>[0]): Cluster =>
  createProcessCluster(setup, { pool: createProcessPool({ bundles: bundles() }) });

it('has one outcome in both worlds, whichever node is cut off from the service', async () => {
  const lines = [
    ...['joinServer 0', 'joinClient 5 0', 'joinServer 1', 'join 0', 'join 1', 'put 5 a v'],
    ...['breakConnection 5 master', 'get 5 a', 'createConnection master 5', 'get 5 a'],
    ...['breakConnection 5 1', 'get 5 a', 'breakConnection master 1', 'leave 1', 'heal', 'get 5 a'],
    ...['breakConnection 1 master', 'killServer 1', 'joinServer 1', 'join 1', 'query a all'],
    ...[
      'pauseServer 0',
      'breakConnection 0 master',
      'resumeServer 0',
      'leave 0',
      'heal',
      'leave 0',
    ],
  ];
  const simulated = await play(lines, createSimCluster);
  expect(simulated.filter(Array.isArray)).toEqual([
    ['put', 'v', 'ok', 1],
    ['get', null, 'unknown', null],
    ['get', 'v', 'ok', 1],
    ['get', null, 'fail', null],
    ['get', 'v', 'ok', 1],
  ]);
  const refused = simulated.flatMap((one) => {
    return /script:(\d+): ERR_UNREACHABLE/.exec(String(one))?.[1] ?? [];
  });
  expect(refused).toEqual(['14', '25']);
  expect(await play(lines, createReal)).toEqual(simulated);
});

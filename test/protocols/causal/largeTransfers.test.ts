// Stores whose differences do not fit one message: gossip and both waves of stabilize send parts,
// and the stores converge, also if parts are lost, delayed or duplicated.
import { describe, expect, it } from 'vitest';
import { PART_BYTES, VALUE_BYTES } from '../../../src/kernel/limits.ts';
import { SimulatedRun } from './simulatedRun.ts';

const LONG = 'v'.repeat(PART_BYTES / 5);
const KEYS = 17;
const PARTS = Math.ceil(KEYS / 4);
const NETWORKS = [
  ['calm', {}],
  ['with loss', { loss: 0.2 }],
  ['with every message twice', { duplication: 1, maxDelayMs: 40 }],
  ['with reordering', { maxDelayMs: 60 }],
  [
    'with all of it',
    { loss: 0.15, duplication: 0.4, maxDelayMs: 40, tail: 0.05, tailDelayMs: 900 },
  ],
] as const;

async function fill(run: SimulatedRun, server: number, name: string): Promise<void> {
  for (let count = 0; count < KEYS; count += 1) await run.put(server, `${name}${count}`, LONG);
}

/** The numbers of the parts that were sent by this method, from the server to the other. */
function partsOf(run: SimulatedRun, method: string): number[] {
  return run
    .takeRequests()
    .filter((request) => request.method === method)
    .map(({ params }) => (params as { part: number }).part);
}

async function expectOneStore(run: SimulatedRun, keys: number): Promise<void> {
  const stores = await run.stores();
  expect(new Set(stores).size).toBe(1);
  expect(JSON.parse(stores[0] as string).entries).toHaveLength(keys);
}

describe.each(NETWORKS)('a network %s', (_name, faults) => {
  it('gossip brings several parts', async () => {
    const run = await SimulatedRun.start(2, { seed: 3, gossip: '200ms' });
    await run.testbed.unlink(0, 1);
    await fill(run, 0, 'a');
    await run.put(1, 'b', 'own');
    await run.testbed.link(0, 1);
    run.setFaults(faults);
    run.takeRequests();
    await run.cluster.sleep(30_000);
    run.setFaults({});
    await run.cluster.sleep(5_000);
    expect(Math.max(...partsOf(run, 'push'))).toBe(PARTS - 1);
    await expectOneStore(run, KEYS + 1);
    await run.cluster.stop();
  });

  it('stabilize carries several parts up and down', async () => {
    const edges = [
      [0, 1],
      [1, 2],
    ] as const;
    const run = await SimulatedRun.start(3, { seed: 4, edges });
    await fill(run, 2, 'c');
    await fill(run, 0, 'a');
    run.takeRequests();
    run.setFaults(faults);
    let partial = 0;
    while ((await run.testbed.stabilize(10_000))?.length !== 3) {
      partial += 1;
      if (partial === 3) run.setFaults({});
      expect(partial).toBeLessThan(5);
    }
    const requests = run.takeRequests();
    for (const method of ['pull', 'spread']) {
      const parts = requests.filter((request) => request.method === method);
      const numbers = parts.map(({ params }) => (params as { part: number }).part);
      expect(Math.max(...numbers)).toBe(PARTS - 1);
    }
    await expectOneStore(run, 2 * KEYS);
    await run.cluster.stop();
  });
});

describe('the largest value', () => {
  it('travels alone, between smaller ones', async () => {
    const run = await SimulatedRun.start(3, { gossip: 'eager' });
    const largest = '\u0001'.repeat(Math.floor((VALUE_BYTES - 2) / 6));
    await run.testbed.unlink(0, 1);
    await run.testbed.unlink(0, 2);
    await run.put(0, 'a', 'small');
    await run.put(0, 'b', largest);
    await run.put(0, 'c', 'small');
    await run.testbed.heal();
    run.takeRequests();
    expect(await run.testbed.stabilize(5_000)).toHaveLength(3);
    expect(Math.max(...partsOf(run, 'spread'))).toBe(2);
    await expectOneStore(run, 3);
    await run.cluster.stop();
  });
});

// Tombstones that a round collects, while older writes of the same key are on their way: in any
// order of arrival the stores are equal in the end, and no deleted value comes back.
import { describe, expect, it } from 'vitest';
import { extent } from '../../support/extent.ts';
import { SimulatedRun } from './simulatedRun.ts';

const SEEDS = extent({ full: 250, quick: 25 });

/** Server 2 deletes x, far ahead in time; server 1 puts x while a round brings the deletion in. */
async function raceWithRound(seed: number): Promise<string[]> {
  const run = await SimulatedRun.start(4, { seed, gossip: 'eager' });
  for (const other of [0, 1, 3]) await run.testbed.unlink(2, other);
  for (let count = 0; count < 5; count += 1) await run.put(2, 'ahead', `${count}`);
  await run.put(2, 'x', null);
  await run.put(1, 'first', 'contact');
  await run.cluster.sleep(60);
  await run.testbed.link(2, 0);
  const late = run.cluster.sleep(run.cluster.random() * 20).then(() => run.put(1, 'x', 'older'));
  await Promise.all([run.testbed.stabilize(5_000), late]);
  await run.cluster.sleep(100);
  expect(await run.testbed.stabilize(5_000)).toHaveLength(4);
  const stores = await run.stores();
  await run.cluster.stop();
  return stores;
}

describe('a deletion', () => {
  it('is not collected while an older write may still be on its way', async () => {
    const different: number[] = [];
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      if (new Set(await raceWithRound(seed)).size > 1) different.push(seed);
    }
    expect(different).toEqual([]);
  });

  it('is collected everywhere after two rounds that reached all', async () => {
    const run = await SimulatedRun.start(3, {});
    await run.put(1, 'x', '1');
    await run.testbed.stabilize(5_000);
    await run.put(2, 'x', null);
    await run.testbed.stabilize(5_000);
    expect(await run.stores()).toEqual(new Array(3).fill('{"entries":[]}'));
    expect([0, 1, 2].map((id) => run.stateOf(id).hasDeletions())).toEqual([true, true, true]);
    await run.testbed.stabilize(5_000);
    expect([0, 1, 2].map((id) => run.stateOf(id).hasDeletions())).toEqual([false, false, false]);
    await run.put(1, 'x', 'again');
    await run.testbed.stabilize(5_000);
    expect(new Set(await run.stores())).toEqual(new Set(['{"entries":[["x","again"]]}']));
    await run.cluster.stop();
  });

  it('is kept by all while one of them is cut off, and wins when it is back', async () => {
    const run = await SimulatedRun.start(3, {});
    await run.put(0, 'x', 'old');
    await run.testbed.stabilize(5_000);
    await run.testbed.unlink(0, 2);
    await run.testbed.unlink(1, 2);
    await run.put(0, 'x', null);
    for (let round = 0; round < 3; round += 1) await run.testbed.stabilize(5_000);
    expect([0, 1].map((id) => run.stateOf(id).hasDeletions())).toEqual([true, true]);
    await run.testbed.heal();
    await run.testbed.stabilize(5_000);
    expect(new Set(await run.stores())).toEqual(new Set(['{"entries":[]}']));
    await run.cluster.stop();
  });
});

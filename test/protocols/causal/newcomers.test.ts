// Servers that join among rounds that forget deletions, and write at once, while orders to forget
// are lost: the stores are the same in the end, and what was deleted stays deleted.
import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../../src/kernel/ids.ts';
import { createRandomStream, randomBelow } from '../../../src/kernel/random.ts';
import { SimulatedRun } from './simulatedRun.ts';

const SEEDS = Number(process.env.CAUSEWAY_SEEDS ?? 100);
const KEYS = ['x', 'y'];
const STEPS = 10;

/** Deletions, rounds, and newcomers before, within and after them; gives the stores at the end. */
async function runHistory(seed: number): Promise<string[]> {
  const random = createRandomStream(seed, 'newcomers');
  const pick = <T>(items: readonly T[]): T => items[randomBelow(random, items.length)] as T;
  const run = await SimulatedRun.start(3, { seed, gossip: pick(['eager', 'off', '200ms']) });
  run.lose('collect', 0.5);
  if (random() < 0.5) run.lose('greet', 0.3);
  let next = 3;
  const join = async (): Promise<void> => {
    const id = next;
    next += 1;
    await run.join(id);
    await run.put(id, pick(KEYS), `of ${id}`);
  };
  const rejoin = async (id: NodeId): Promise<void> => {
    await run.kill(id);
    await run.join(id);
    await run.put(id, pick(KEYS), `of the next life of ${id}`);
  };
  const meanwhile = async (): Promise<void> => {
    await run.cluster.sleep(random() * 40);
    for (let count = randomBelow(random, 3); count > 0; count -= 1) {
      const [server, key, chance] = [pick(run.cast.servers), pick(KEYS), random()];
      if (chance < 0.5 && next < 9) await join();
      else await run.put(server, key, chance < 0.75 ? null : `${count} at ${server}`);
      await run.cluster.sleep(random() * 10);
    }
  };
  for (let step = 0; step < STEPS; step += 1) {
    const chance = random();
    if (chance < 0.35) await run.put(pick(run.cast.servers), pick(KEYS), null);
    else if (chance < 0.8) await Promise.all([run.cast.stabilize(5_000), meanwhile()]);
    else if (chance < 0.9 && next < 9) await join();
    else await rejoin(pick(run.cast.servers));
  }
  await run.cluster.sleep(2_000);
  expect(await run.cast.stabilize(5_000)).toHaveLength(run.cast.servers.length);
  const stores = await run.stores();
  await run.cluster.stop();
  return stores;
}

/** What is wrong with the history of that seed, or undefined. */
async function complaintAbout(seed: number): Promise<string | undefined> {
  try {
    const stores = await runHistory(seed);
    return new Set(stores).size > 1 ? `seed ${seed}: ${stores.join(' and ')}` : undefined;
  } catch (error) {
    return `seed ${seed}: ${(error as Error).message}`;
  }
}

describe('a server that joins', () => {
  it('leaves no two stores different, whatever was forgotten around it', async () => {
    const complaints: string[] = [];
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const complaint = await complaintAbout(seed);
      if (complaint !== undefined) complaints.push(complaint);
    }
    expect(complaints).toEqual([]);
  });
});

// Servers join while rounds collect tombstones, and accept writes at once; `collect` and `join`
// messages are lost. The result is what is wrong with the stores in the end.
import type { NodeId } from '../../../src/kernel/ids.ts';
import { createRandomStream, randomBelow } from '../../../src/kernel/random.ts';
import { SimulatedRun } from './simulatedRun.ts';

const KEYS = ['x', 'y'];
const STEPS = 10;

/** Deletions, rounds, and newcomers before, within and after them; gives the stores at the end. */
async function runHistory(seed: number): Promise<string[]> {
  const random = createRandomStream(seed, 'newcomers');
  const pick = <T>(items: readonly T[]): T => items[randomBelow(random, items.length)] as T;
  const run = await SimulatedRun.start(3, { seed, gossip: pick(['eager', 'off', '200ms']) });
  run.lose('collect', 0.5);
  if (random() < 0.5) run.lose('join', 0.3);
  let next = 3;
  /** Several may join at once: a server asks others that are not bootstrapped yet. */
  const join = async (count: number): Promise<void> => {
    const puts: Promise<unknown>[] = [];
    for (const last = next + count; next < last; next += 1) {
      await run.join(next);
      puts.push(run.put(next, pick(KEYS), `of ${next}`));
    }
    await Promise.all(puts);
  };
  const rejoin = async (id: NodeId): Promise<void> => {
    await run.kill(id);
    await run.join(id);
    await run.put(id, pick(KEYS), `of the next life of ${id}`);
  };
  const meanwhile = async (): Promise<void> => {
    await run.cluster.sleep(random() * 40);
    for (let count = randomBelow(random, 3); count > 0; count -= 1) {
      const [server, key, chance] = [pick(run.testbed.servers), pick(KEYS), random()];
      if (chance < 0.5 && next < 9) await join(1);
      else await run.put(server, key, chance < 0.75 ? null : `${count} at ${server}`);
      await run.cluster.sleep(random() * 10);
    }
  };
  for (let step = 0; step < STEPS; step += 1) {
    const chance = random();
    if (chance < 0.35) await run.put(pick(run.testbed.servers), pick(KEYS), null);
    else if (chance < 0.8) await Promise.all([run.testbed.stabilize(5_000), meanwhile()]);
    else if (chance < 0.9 && next < 9) await join(1 + randomBelow(random, 3));
    else await rejoin(pick(run.testbed.servers));
  }
  await run.cluster.sleep(2_000);
  const reached = await run.testbed.stabilize(5_000);
  if (reached?.length !== run.testbed.servers.length) throw new Error(`reached only ${reached}`);
  const stores = await run.stores();
  await run.cluster.stop();
  return stores;
}

/** What is wrong with the history of that seed, or undefined. */
export async function complaintAbout(seed: number): Promise<string | undefined> {
  try {
    const stores = await runHistory(seed);
    return new Set(stores).size > 1 ? `seed ${seed}: ${stores.join(' and ')}` : undefined;
  } catch (error) {
    return `seed ${seed}: ${(error as Error).message}`;
  }
}

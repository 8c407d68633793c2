// A ring grows under load, and a head dies at the same time. There are pending writes in the part
// of an arc that the new server takes, and the head dies before any other server has them.
import { checkHistory } from '../../src/checkers/index.ts';
import type { NodeId } from '../../src/kernel/ids.ts';
import type { Options, Protocol } from '../../src/kernel/protocol.ts';
import { createRandomStream } from '../../src/kernel/random.ts';
import { NO_FAULTS } from '../../src/sim/faultPlan.ts';
import { createSimCluster } from '../../src/sim/world.ts';
import { Recorder } from './recorder.ts';
import { Testbed } from './testbed.ts';

/** On the ring of 0, 1, 2 and 3: the part that 3 takes of the arc of 0, and what is left of it. */
const OF_THE_NEWCOMER = ['d', 'e', 'f', 'g', 'j'];
const LEFT = ['a', 'c', 'o'];
const FIRST_CLIENT = 100;
const CLIENTS = 6;

/** Throws an error that says what broke. */
export async function runGrowth(
  { protocol, options }: { protocol: Protocol; options: Options },
  seed: number,
): Promise<void> {
  const random = createRandomStream(seed, 'growth');
  const cluster = createSimCluster({ protocol, options, seed, faults: NO_FAULTS });
  const testbed = new Testbed(cluster);
  const recorder = new Recorder(cluster);
  const pick = (keys: readonly string[]): string => {
    return keys[Math.floor(random() * keys.length)] as string;
  };
  try {
    for (const id of [0, 1, 2]) await testbed.joinServer(id);
    const clients = Array.from({ length: CLIENTS }, (_, index) => FIRST_CLIENT + index);
    for (const client of clients) {
      await testbed.joinClient(client, 1, []);
      await testbed.link(client, 2);
    }
    let hasGrown = false;
    const loads = Promise.all(
      clients.map(async (client, index) => {
        for (let count = 0; !hasGrown; count += 1) {
          await recorder.operate(client, 'put', pick(OF_THE_NEWCOMER), `${client}-${count}`);
          await cluster.sleep(Math.floor(random() * 10));
        }
        if (index < 2) await recorder.operate(client, 'put', pick(LEFT), `${client}-last`);
      }),
    );
    // The client that waits for the write gets a failure.
    loads.catch(() => undefined);
    await cluster.sleep(100 + Math.floor(random() * 100));
    await testbed.joinServer(3);
    hasGrown = true;
    await cluster.sleep(Math.floor(random() * 30));
    await testbed.kill(0 as NodeId);
    await loads;
    for (const key of [...OF_THE_NEWCOMER, ...LEFT])
      await recorder.operate(FIRST_CLIENT, 'get', key);
    const verdict = checkHistory(
      { operations: recorder.history, isTimed: true, transactions: 0 },
      'linearizable',
    );
    if (verdict.outcome !== 'holds') throw new Error(`H1: ${JSON.stringify(verdict)}`);
  } finally {
    await cluster.stop();
  }
}

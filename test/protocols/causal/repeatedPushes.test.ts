// The network duplicates a push: the copies get the answer of the first. So the neighbours have
// what an eager put pushed when the next command begins.
import { expect, it } from 'vitest';
import { NO_FAULTS } from '../../../src/sim/faultPlan.ts';
import { extent } from '../../support/extent.ts';
import { SimulatedRun } from './simulatedRun.ts';

const SEEDS = extent({ full: 60, quick: 20 });

it.each(['memory', 'log'])(
  'eager, %s: each connected server has a put when the next command begins',
  async (storage) => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const run = await SimulatedRun.start(3, { seed, gossip: 'eager', storage });
      run.setFaults({
        duplication: 0.5,
        minDelayMs: 1,
        maxDelayMs: 100,
        disks: { ...NO_FAULTS.disks, minDelayMs: 1, maxDelayMs: 60 },
      });
      for (let count = 0; count < 4; count += 1) {
        await run.put(0, 'x', `v${count}`);
        await run.cluster.ask(0, 'settle', {});
        const values = [1, 2].map((id) => run.stateOf(id).read('x')?.value);
        expect(values, `seed ${seed}`).toEqual([`v${count}`, `v${count}`]);
      }
      await run.cluster.stop();
    }
  },
);

// What a twin of the chain protocol is put through: exercises until one of them complains.
import { chain } from '../../src/protocols/chain/index.ts';
import type { Marks } from '../conformance/exercise.ts';
import { CHAIN_PLANS, runLinearizable } from '../conformance/linearizable.ts';
import type { Catch } from './suite.ts';

/** The first complaint within `most` exercises, or undefined. */
export async function findComplaint(most: number): Promise<Catch | undefined> {
  const marks: Marks = new Map();
  let exercises = 0;
  for (let seed = 1; ; seed += 1) {
    for (const [index, plan] of CHAIN_PLANS.entries()) {
      exercises += 1;
      if (exercises > most) return undefined;
      const reads = (seed + index) % 2 === 0 ? 'any' : 'tail';
      const storage = (seed + index) % 3 === 0 ? 'log' : 'memory';
      try {
        await runLinearizable({ protocol: chain, options: { reads, storage }, plan, seed }, marks);
      } catch (error) {
        return { message: (error as Error).message, exercises };
      }
    }
  }
}

// The tests for a twin of the causal protocol with logs: exercises on slow, full and failing disks,
// until one of them complains.
import { causal } from '../../src/protocols/causal/index.ts';
import { type Marks, runExercise } from '../conformance/exercise.ts';
import { LOG_PLANS } from '../conformance/plans.ts';
import type { Catch } from './suite.ts';

const MODES = ['eager', '200ms', 'off'];

/** The first complaint within `most` exercises, or undefined. */
export async function findComplaint(most: number): Promise<Catch | undefined> {
  const marks: Marks = new Map();
  let exercises = 0;
  for (let seed = 1; ; seed += 1) {
    for (const plan of LOG_PLANS) {
      for (const gossip of MODES) {
        exercises += 1;
        if (exercises > most) return undefined;
        const options = { gossip, storage: 'log' };
        try {
          await runExercise({ protocol: causal, options, plan, seed }, marks);
        } catch (error) {
          return { message: (error as Error).message, exercises };
        }
      }
    }
  }
}

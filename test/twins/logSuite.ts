// The tests for a twin of the log: exercises, until one of them complains.
import { type Marks, runLogExercise } from '../log/exercise.ts';
import type { Catch } from './suite.ts';

/** The first complaint within `most` exercises, or undefined. */
export async function findComplaint(most: number): Promise<Catch | undefined> {
  const marks: Marks = new Map();
  for (let seed = 1; seed <= most; seed += 1) {
    try {
      await runLogExercise(seed, marks);
    } catch (error) {
      return { message: (error as Error).message, exercises: seed };
    }
  }
  return undefined;
}

// The tests for a twin: the exercises of the conformance suite, and histories of servers that join,
// until one of them complains.
import { causal } from '../../src/protocols/causal/index.ts';
import { type Marks, runExercise } from '../conformance/exercise.ts';
import { PLANS } from '../conformance/plans.ts';
import { complaintAbout } from '../protocols/causal/newcomerHistory.ts';

const MODES = ['eager', '200ms', 'off'];
/** After each seed's exercises; they are short. */
const HISTORIES = 10;

export interface Catch {
  readonly message: string;
  /** How many exercises ran, the one that complained included. */
  readonly exercises: number;
}

/** The first complaint within `most` exercises, or undefined. */
export async function findComplaint(most: number): Promise<Catch | undefined> {
  const marks: Marks = new Map();
  let exercises = 0;
  for (let seed = 1; ; seed += 1) {
    for (const plan of PLANS) {
      for (const gossip of MODES) {
        exercises += 1;
        if (exercises > most) return undefined;
        const exercise = { protocol: causal, options: { gossip }, plan, seed };
        const ending = gossip === '200ms' && seed % 2 === 0 ? 'gossip' : 'stabilize';
        try {
          await runExercise({ ...exercise, ending }, marks);
        } catch (error) {
          return { message: (error as Error).message, exercises };
        }
      }
    }
    for (let history = 0; history < HISTORIES; history += 1) {
      const message = await complaintAbout(seed * HISTORIES + history);
      if (message !== undefined) return { message, exercises };
    }
  }
}

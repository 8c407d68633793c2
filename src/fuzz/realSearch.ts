// Looks for a random script that breaks what an engine claims, and removes its needless lines. In
// real time a script that has failed may hold the next time, so each shorter one gets two chances.
import { drawRealScript, type RealOrder } from './realScript.ts';
import type { RealResult } from './realTrial.ts';
import { dropLines } from './shrinkSteps.ts';
import type { Failure } from './testCase.ts';

const CHANCES = 2;

export interface RealFound {
  readonly seed: number;
  readonly lines: readonly string[];
  readonly failure: Failure;
}

type Try = (lines: readonly string[], seed: number) => Promise<RealResult>;

/** Tries the seeds in their order until one fails or the time is over; and how many it tried. */
export async function searchReal(
  order: RealOrder,
  seeds: Iterable<number>,
  attempt: Try,
): Promise<{ readonly found: RealFound | undefined; readonly tried: number }> {
  let tried = 0;
  for (const seed of seeds) {
    const lines = drawRealScript(order, seed);
    const { isDone, failure } = await attempt(lines, seed);
    if (!isDone) break;
    tried += 1;
    if (failure !== undefined) return { found: { seed, lines, failure }, tried };
  }
  return { found: undefined, tried };
}

/** A shorter script that has failed in the same way, and how many runs that took. */
export async function shrinkReal(
  found: RealFound,
  attempt: Try,
): Promise<{ readonly shrunk: RealFound; readonly trials: number }> {
  let shrunk = found;
  let trials = 0;
  let isOver = false;
  const offer = async (candidate: RealFound): Promise<boolean> => {
    for (let chance = 0; chance < CHANCES && !isOver; chance += 1) {
      trials += 1;
      const { isDone, failure } = await attempt(candidate.lines, candidate.seed);
      isOver = !isDone;
      if (failure?.kind !== found.failure.kind) continue;
      shrunk = { ...candidate, failure };
      return true;
    }
    return false;
  };
  for (;;) {
    const before = shrunk;
    await dropLines(() => shrunk, offer);
    if (shrunk === before || isOver) return { shrunk, trials };
  }
}

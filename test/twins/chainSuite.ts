// The tests for a twin of the chain protocol: exercises, and a script for what they seldom reach,
// until one of them complains.

import { createScriptLanguage } from '../../src/fuzz/scriptSession.ts';
import { tellFailure } from '../../src/fuzz/testCase.ts';
import { runTrial } from '../../src/fuzz/trial.ts';
import { chain } from '../../src/protocols/chain/index.ts';
import { parseFaults } from '../../src/sim/faultText.ts';
import type { Marks } from '../conformance/exercise.ts';
import { runGrowth } from '../conformance/growth.ts';
import { CHAIN_PLANS, runLinearizable } from '../conformance/linearizable.ts';
import type { Catch } from './suite.ts';

/** In every round: what a head that dies then has not handed on is a matter of milliseconds. */
const GROWTHS = 3;

/** A server is alone in its chains before its slow disk knows that it is. */
const LEFT_ALONE = [
  'protocol chain storage=log reads=any',
  ...['joinServer 0', 'joinServer 1', 'joinServer 2', 'breakConnection 1 2', 'joinClient 3 1'],
  ...['joinClient 4 1', 'put 4 x v1', 'killServer 0', 'killServer 2', 'joinServer 0', 'get 3 x'],
];

/** The first complaint within `most` exercises after those that are skipped, or undefined. */
export async function findComplaint(most: number, skipped = 0): Promise<Catch | undefined> {
  let exercises = 0;
  for (let seed = 1; ; seed += 1) {
    for (const exercise of exercisesOf(seed)) {
      exercises += 1;
      if (exercises > most) return undefined;
      if (exercises <= skipped) continue;
      try {
        await exercise();
      } catch (error) {
        return { message: (error as Error).message, exercises };
      }
    }
  }
}

function exercisesOf(seed: number): (() => Promise<unknown>)[] {
  const marks: Marks = new Map();
  const plans = CHAIN_PLANS.map((plan, index) => {
    const reads = (seed + index) % 2 === 0 ? 'any' : 'tail';
    const isLogged = plan.needsLogs === true || (seed + index) % 3 === 0;
    const options = { reads, storage: isLogged ? 'log' : 'memory' };
    return () => runLinearizable({ protocol: chain, options, plan, seed }, marks);
  });
  const grow = Array.from({ length: GROWTHS }, (_, index) => () => {
    return runGrowth({ protocol: chain, options: { storage: 'memory' } }, seed * GROWTHS + index);
  });
  return [() => runOnSlowDisks(seed), ...grow, ...plans];
}

async function runOnSlowDisks(seed: number): Promise<void> {
  const faults = parseFaults('disk-delay=1..60');
  const testCase = { protocol: chain, seed, faults, lines: LEFT_ALONE };
  const { failure } = await runTrial({ language: createScriptLanguage([chain]), testCase });
  if (failure !== undefined) throw new Error(tellFailure(failure));
}

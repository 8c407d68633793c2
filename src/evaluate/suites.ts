// What can be evaluated: the experiments of a protocol, or those that compare protocols.
import { COMPARE_EXPERIMENTS } from './comparison.ts';
import type { Experiment } from './experiment.ts';
import { QUORUM_EXPERIMENTS } from './quorum.ts';
import { SHARDED_EXPERIMENTS } from './sharded.ts';

export interface Suite {
  readonly experiments: readonly Experiment[];
  /** Where it runs unless told otherwise. */
  readonly world: WorldName;
  /** How the extent is given, and how much is usual. */
  readonly measure: 'rounds' | 'seconds';
  readonly usual: Readonly<Record<WorldName, number>>;
}

export type WorldName = 'simulation' | 'processes';

/** The suite that is no protocol's. */
export const COMPARE = 'compare';

export const SUITES: ReadonlyMap<string, Suite> = new Map([
  [
    'quorum',
    {
      experiments: QUORUM_EXPERIMENTS,
      world: 'simulation',
      measure: 'rounds',
      // On real processes, time is real.
      usual: { simulation: 100, processes: 10 },
    },
  ],
  [
    'sharded',
    {
      experiments: SHARDED_EXPERIMENTS,
      world: 'processes',
      measure: 'seconds',
      usual: { simulation: 8, processes: 8 },
    },
  ],
  [
    COMPARE,
    {
      experiments: COMPARE_EXPERIMENTS,
      world: 'processes',
      measure: 'seconds',
      usual: { simulation: 2, processes: 4 },
    },
  ],
]);

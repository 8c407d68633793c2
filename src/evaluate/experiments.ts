// The experiments of each protocol that has some.
import type { Experiment } from './experiment.ts';
import { QUORUM_EXPERIMENTS } from './quorum.ts';

export const EXPERIMENTS: ReadonlyMap<string, readonly Experiment[]> = new Map([
  ['quorum', QUORUM_EXPERIMENTS],
]);

// Compares the state with a simple model of it, over many random runs: writes, replays, transfers
// with any base, lost, repeated and in any order, collected tombstones, servers that restart empty.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandomStream, randomBelow } from '../../../src/kernel/random.ts';
import { extent, sample } from '../../support/extent.ts';
import { ModelWorld } from './stateModel.ts';

const step = fc.tuple(fc.nat(12), fc.nat(59), fc.nat(59), fc.nat(83));

const SHORT_RUNS = extent({ full: 5_000, quick: 400 });
const LONG_RUNS = extent({ full: 2_000, quick: 200 });
const FIRST_SEEDS = [0, 2_000, 4_000, 6_000, 8_000];

describe('CausalState', () => {
  it(`does what the model does, in ${SHORT_RUNS} short runs that shrink`, () => {
    const marks = new Map<string, number>();
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
        const world = new ModelWorld(3, 3);
        for (const operation of steps) world.step(operation);
        world.checkAll();
        for (const [mark, count] of world.marks) marks.set(mark, (marks.get(mark) ?? 0) + count);
      }),
      { numRuns: SHORT_RUNS },
    );
    expect(rare(marks, SHORT_RUNS / 50)).toEqual([]);
  });

  it.each(sample(FIRST_SEEDS, 1))(
    `does what the model does, in ${LONG_RUNS} runs among five servers, from seed %i`,
    (first) => {
      const marks = new Map<string, number>();
      for (let seed = first; seed < first + LONG_RUNS; seed += 1) {
        run(seed, new ModelWorld(5, 4), 40, marks);
      }
      expect(rare(marks, LONG_RUNS / 10)).toEqual([]);
    },
  );

  it('loses nothing to the sweep of superseded entries, in long runs over few keys', () => {
    const marks = new Map<string, number>();
    for (let seed = 0; seed < 4; seed += 1) run(seed, new ModelWorld(2, 3), 1_500, marks);
    expect(marks.get('write')).toBeGreaterThan(1_000);
  });
});

const KINDS = ['write', 'stale write', 'replay', 'late replay', 'merge', 'refused merge'];

/** What happened less often than `least` in all runs, and so was hardly tested. */
function rare(marks: ReadonlyMap<string, number>, least: number): string[] {
  return [...KINDS, 'collected', 'restart'].filter((mark) => (marks.get(mark) ?? 0) < least);
}

function run(seed: number, world: ModelWorld, steps: number, marks: Map<string, number>): void {
  const random = createRandomStream(seed, 'state');
  try {
    for (let count = 0; count < steps; count += 1) {
      const below = (most: number) => randomBelow(random, most);
      world.step([below(13), below(60), below(60), below(84)]);
    }
    world.checkAll();
  } catch (error) {
    throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
  }
  for (const [mark, count] of world.marks) marks.set(mark, (marks.get(mark) ?? 0) + count);
}

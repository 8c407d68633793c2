// Random scripts find mistakes that whole batches of them once missed, each within 2,000 seeds.
// `npm test` tries a few of the mistakes, with a seed that is known to find them; `npm run twins`
// tries all, from the first seed on.
import { describe, expect, test } from 'vitest';
import { tellFailure } from '../src/fuzz/testCase.ts';
import { sample } from './support/extent.ts';
import { importMutated } from './twins/mutate.ts';
import { RANDOM_TWINS } from './twins/random.ts';
import type { findFirst } from './twins/swarm.ts';

const MOST_SEEDS = 2_000;
const IS_EVERY_SEED = process.env.CAUSEWAY_TWINS === 'all';

async function findIn(twin: (typeof RANDOM_TWINS)[number], from: number) {
  const swarm = (await importMutated('test/twins/swarm.ts', twin.edits)) as {
    findFirst: typeof findFirst;
  };
  return swarm.findFirst(twin.protocol, { from, to: twin.seed + 1 });
}

describe('random scripts', () => {
  const twins = IS_EVERY_SEED ? RANDOM_TWINS : sample(RANDOM_TWINS, 1);

  test.each(twins.map((twin) => [twin.name, twin] as const))('find: %s', async (_, twin) => {
    expect(twin.seed).toBeLessThanOrEqual(MOST_SEEDS);
    const found = await findIn(twin, IS_EVERY_SEED ? 1 : twin.seed);
    expect(found?.seed).toBeLessThanOrEqual(twin.seed);
    expect(found && tellFailure(found.failure)).toMatch(twin.caughtBy);
  });

  test('keep every guarantee of the real protocols with the seeds that find them', async () => {
    for (const twin of twins)
      expect(await findIn({ ...twin, edits: [] }, twin.seed)).toBeUndefined();
  });
});

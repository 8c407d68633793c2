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

/** The swarm on the product with these edits. */
async function buildSwarm(edits: (typeof RANDOM_TWINS)[number]['edits']) {
  return (await importMutated('test/twins/swarm.ts', edits)) as { findFirst: typeof findFirst };
}

describe('random scripts', () => {
  const twins = IS_EVERY_SEED ? RANDOM_TWINS : sample(RANDOM_TWINS, 1);

  test.each(twins.map((twin) => [twin.name, twin] as const))('find: %s', async (_, twin) => {
    expect(twin.seed).toBeLessThanOrEqual(MOST_SEEDS);
    const swarm = await buildSwarm(twin.edits);
    const from = IS_EVERY_SEED ? 1 : twin.seed;
    const found = await swarm.findFirst(twin.protocol, { from, to: twin.seed + 1 });
    expect(found?.seed).toBeLessThanOrEqual(twin.seed);
    expect(found && tellFailure(found.failure)).toMatch(twin.caughtBy);
  });

  const real = buildSwarm([]);

  test.each([...new Set(twins.map(({ protocol }) => protocol))])(
    'keep every guarantee of %s with the seeds that find them',
    async (name) => {
      const swarm = await real;
      for (const { protocol, seed } of twins) {
        if (protocol !== name) continue;
        expect(await swarm.findFirst(protocol, { from: seed, to: seed + 1 })).toBeUndefined();
      }
    },
  );
});

// A ring of the chain protocol that grows under load, while a head dies at the same time.
import { expect, test } from 'vitest';
import { completeOptions } from '../../src/kernel/protocol.ts';
import { chain } from '../../src/protocols/chain/index.ts';
import { extent } from '../support/extent.ts';
import { runGrowth } from './growth.ts';

const SEEDS = Number(process.env.CAUSEWAY_SEEDS ?? extent({ full: 20, quick: 6 }));

test.each(['memory', 'log'])('nothing is lost, and heads go on (storage=%s)', async (storage) => {
  const options = completeOptions(chain, { storage });
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    await expect(runGrowth({ protocol: chain, options }, seed), `seed ${seed}`).resolves.toBe(
      undefined,
    );
  }
});

// The suites of the log, and of the causal protocol with logs, find every failing twin, with the
// expected message, and find nothing in the product itself.
import { describe, expect, test } from 'vitest';
import { extent, sample } from './support/extent.ts';
import { CAUSAL_LOG_TWINS, COMPACT_OFTEN } from './twins/causalLog.ts';
import { LOG_TWINS } from './twins/log.ts';
import { importMutated } from './twins/mutate.ts';
import type { findComplaint } from './twins/suite.ts';

async function complaintAbout(
  suite: string,
  edits: Parameters<typeof importMutated>[1],
  most: number,
) {
  const mutated = (await importMutated(suite, edits)) as {
    findComplaint: typeof findComplaint;
  };
  return mutated.findComplaint(most);
}

describe('the log', () => {
  const suite = 'test/twins/logSuite.ts';
  const most = 200;

  test.each(sample(LOG_TWINS, 2).map((twin) => [twin.name, twin] as const))(
    'caught: %s',
    async (_, { edits, caughtBy }) => {
      const complaint = await complaintAbout(suite, edits, most);
      expect(complaint?.message).toMatch(caughtBy);
    },
  );

  test('there is no complaint about the log itself', async () => {
    expect(await complaintAbout(suite, [], most / 2)).toBeUndefined();
  });
});

describe('causal with logs', () => {
  const suite = 'test/twins/causalLogSuite.ts';
  const most = 1_500;

  test.each(sample(CAUSAL_LOG_TWINS, 1).map((twin) => [twin.name, twin] as const))(
    'caught: %s',
    async (_, { edits, caughtBy }) => {
      const complaint = await complaintAbout(suite, edits, most);
      expect(complaint?.message).toMatch(caughtBy);
    },
  );

  test.each([
    ['as it is', []],
    ['with logs that are compacted often', [COMPACT_OFTEN]],
  ])('there is no complaint about the protocol %s', async (_, edits) => {
    expect(await complaintAbout(suite, edits, extent({ full: 60, quick: 15 }))).toBeUndefined();
  });
});

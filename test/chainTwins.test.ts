// The conformance suite of the chain protocol finds every failing twin, with the expected message,
// and finds nothing in the protocol itself.
import { describe, expect, test } from 'vitest';
import { sample } from './support/extent.ts';
import { CHAIN_TWINS } from './twins/chain.ts';
import type { findComplaint } from './twins/chainSuite.ts';
import { importMutated } from './twins/mutate.ts';

const MOST_EXERCISES = 300;
/** Some take a hundred exercises, and the machine may have other work. */
const TWIN_MS = 120_000;

async function complaintAbout(
  edits: Parameters<typeof importMutated>[1],
  ...range: Parameters<typeof findComplaint>
) {
  const suite = (await importMutated('test/twins/chainSuite.ts', edits)) as {
    findComplaint: typeof findComplaint;
  };
  return suite.findComplaint(...range);
}

describe('chain', () => {
  test.each(sample(CHAIN_TWINS, 3).map((twin) => [twin.name, twin] as const))(
    'caught: %s',
    async (_, { edits, caughtBy }) => {
      const complaint = await complaintAbout(edits, MOST_EXERCISES);
      expect(complaint?.message).toMatch(caughtBy);
    },
    TWIN_MS,
  );

  test.each(sample([0, 15, 30, 45], 1))(
    'there is no complaint about the protocol itself in 15 exercises after %i',
    async (skipped) => {
      expect(await complaintAbout([], skipped + 15, skipped)).toBeUndefined();
    },
  );
});

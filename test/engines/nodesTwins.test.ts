// The laws of the engine's pieces hold, and each of their twins breaks one.
import { expect, test } from 'vitest';
import { sample } from '../support/extent.ts';
import { importMutated } from '../twins/mutate.ts';
import { NODES_TWINS } from '../twins/nodes.ts';
import { findComplaint } from '../twins/nodesSuite.ts';

test('there is no complaint about the engine itself', () => {
  expect(findComplaint()).toBeUndefined();
});

test.each(sample(NODES_TWINS, 5).map((twin) => [twin.name, twin] as const))(
  'caught: %s',
  async (_, { edits, caughtBy }) => {
    const suite = (await importMutated('test/twins/nodesSuite.ts', edits)) as {
      findComplaint: typeof findComplaint;
    };
    expect(suite.findComplaint()).toMatch(caughtBy);
  },
);

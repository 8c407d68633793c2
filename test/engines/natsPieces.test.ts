// What Causeway decides about a cluster of NATS: what an answer means, and when a server is ready.
// The proxies between its servers are those of Redis, and are tested there.
import { describe, expect, it } from 'vitest';
import { importMutated } from '../twins/mutate.ts';
import { NATS_TWINS } from '../twins/nats.ts';
import { findComplaint } from '../twins/natsSuite.ts';

describe('the decisions about NATS', () => {
  it('keep their laws', () => {
    expect(findComplaint()).toBeUndefined();
  });

  it.each(NATS_TWINS)('are caught without one: $name', async ({ edits, caughtBy }) => {
    const suite = (await importMutated('test/twins/natsSuite.ts', edits)) as {
      findComplaint: typeof findComplaint;
    };
    expect(suite.findComplaint()).toMatch(caughtBy);
  });
});

// What Causeway decides about PostgreSQL, without a server.
import { describe, expect, it } from 'vitest';
import { importMutated } from '../twins/mutate.ts';
import { POSTGRES_TWINS } from '../twins/postgres.ts';
import { findComplaint } from '../twins/postgresSuite.ts';

describe('the decisions about PostgreSQL', () => {
  it('keep their laws', () => {
    expect(findComplaint()).toBeUndefined();
  });

  it.each(POSTGRES_TWINS)('are caught without one: $name', async ({ edits, caughtBy }) => {
    const suite = (await importMutated('test/twins/postgresSuite.ts', edits)) as {
      findComplaint: typeof findComplaint;
    };
    expect(suite.findComplaint()).toMatch(caughtBy);
  });
});

// What Causeway decides about a cluster of NATS: what an answer means, and when a server is ready.
// The proxies between its servers are those of Redis, and are tested there.
import { describe, expect, it } from 'vitest';
import { readReplica } from '../../src/engines/nats/operations.ts';
import { encodeKey } from '../../src/engines/nats/requests.ts';
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

describe('the store of a replica', () => {
  it.each([0, 1, 31, 32, 33, 1_000])(
    'of %d messages is read whole, and each key once',
    async (last) => {
      // Of an overwritten value nothing is left, so numbers are missing.
      const kept = Array.from({ length: last }, (_, at) => at + 1).filter(
        (n) => n === last || n % 3,
      );
      const read = await readReplica({
        lastRevision: async () => last,
        next: async (from) => {
          const revision = kept.find((one) => one >= from);
          if (revision === undefined) return undefined;
          return { subject: `$KV.b.${encodeKey(`k${revision}`)}`, value: 'v', revision };
        },
      });
      const expected = kept.map((revision) => [`k${revision}`, 'v', [revision, 0, 0]]);
      expect(read.entries).toEqual(expected.sort(([a = ''], [b = '']) => (a < b ? -1 : 1)));
      expect(read.last).toBe(last);
    },
  );
});

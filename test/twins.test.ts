// The suite catches every failing twin, for the reason that is wrong with it; and it has nothing to
// say about the protocol itself in as many exercises as the slowest of them needed.
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { CAUSAL_TWINS } from './twins/causal.ts';
import { applyEdit, importMutated } from './twins/mutate.ts';
import type { findComplaint } from './twins/suite.ts';

const MOST_EXERCISES = 1_500;

async function complaintAbout(edits: Parameters<typeof importMutated>[1], most: number) {
  const suite = (await importMutated('test/twins/suite.ts', edits)) as {
    findComplaint: typeof findComplaint;
  };
  return suite.findComplaint(most);
}

describe('causal', () => {
  test.each(CAUSAL_TWINS.map((twin) => [twin.name, twin] as const))(
    'caught: %s',
    async (_, { edits, caughtBy }) => {
      const complaint = await complaintAbout(edits, MOST_EXERCISES);
      expect(complaint?.message).toMatch(caughtBy);
    },
  );

  test('there is no complaint about the protocol itself', async () => {
    expect(await complaintAbout([], 120)).toBeUndefined();
  });
});

test('an edit that no longer fits the product is an error', async () => {
  const text = await readFile(new URL('./twins/mutate.ts', import.meta.url), 'utf8');
  const edit = { file: 'mutate.ts', find: 'no such text in there, '.repeat(2), replace: '' };
  expect(() => applyEdit(text, edit)).toThrow('0 places');
});

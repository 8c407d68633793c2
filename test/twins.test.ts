// The suite catches every failing twin, for the reason that is wrong with it; and it has nothing to
// say about the protocol itself in as many exercises as the slowest of them needed.
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { CAUSAL_TWINS } from './twins/causal.ts';
import { CHAIN_TWINS } from './twins/chain.ts';
import { LOG_TWINS } from './twins/log.ts';
import { applyEdit, importMutated } from './twins/mutate.ts';
import type { findComplaint } from './twins/suite.ts';

const MOST_EXERCISES = 1_500;
const MOST_LOG_EXERCISES = 200;
const MOST_CHAIN_EXERCISES = 300;

async function complaintAbout(
  edits: Parameters<typeof importMutated>[1],
  most: number,
  entry = 'test/twins/suite.ts',
) {
  const suite = (await importMutated(entry, edits)) as {
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

describe('chain', () => {
  const suite = 'test/twins/chainSuite.ts';

  test.each(CHAIN_TWINS.map((twin) => [twin.name, twin] as const))(
    'caught: %s',
    async (_, { edits, caughtBy }) => {
      const complaint = await complaintAbout(edits, MOST_CHAIN_EXERCISES, suite);
      expect(complaint?.message).toMatch(caughtBy);
    },
  );

  test('there is no complaint about the protocol itself', async () => {
    expect(await complaintAbout([], 60, suite)).toBeUndefined();
  });
});

describe('the log', () => {
  const suite = 'test/twins/logSuite.ts';

  test.each(LOG_TWINS.map((twin) => [twin.name, twin] as const))(
    'caught: %s',
    async (_, { edits, caughtBy }) => {
      const complaint = await complaintAbout(edits, MOST_LOG_EXERCISES, suite);
      expect(complaint?.message).toMatch(caughtBy);
    },
  );

  test('there is no complaint about the log itself', async () => {
    expect(await complaintAbout([], MOST_LOG_EXERCISES / 2, suite)).toBeUndefined();
  });
});

test('an edit that no longer fits the product is an error', async () => {
  const text = await readFile(new URL('./twins/mutate.ts', import.meta.url), 'utf8');
  const edit = { file: 'mutate.ts', find: 'no such text in there, '.repeat(2), replace: '' };
  expect(() => applyEdit(text, edit)).toThrow('0 places');
});

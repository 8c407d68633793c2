// The suite finds every failing twin, with the expected message, and finds nothing in the protocol
// itself in as many exercises as the slowest twin needed. Random scripts find the twins as well: a
// few here, all with `npm run twins`. The table in docs/swarm.md shows how; UPDATE_DOCS=1 updates
// it.
import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { tellFailure } from '../src/fuzz/testCase.ts';
import { extent, sample } from './support/extent.ts';
import { CAUSAL_TWINS } from './twins/causal.ts';
import { CAUSAL_LOG_TWINS } from './twins/causalLog.ts';
import { CHAIN_TWINS } from './twins/chain.ts';
import { LOG_TWINS } from './twins/log.ts';
import { applyEdit, importMutated, type Twin } from './twins/mutate.ts';
import { RANDOM_TWINS } from './twins/random.ts';
import type { findComplaint } from './twins/suite.ts';
import type { Find, findFailure } from './twins/swarm.ts';

const MOST_EXERCISES = 1_500;
const MOST_SEEDS = 20_000;
const MOST_LINES = 10;
const PAGE = new URL('../docs/swarm.md', import.meta.url);
const TABLE = /(?<=<!-- twins -->\n\n)[\s\S]*?(?=\n\n<!-- end of twins -->)/;

const isEveryTwin = process.env.CAUSEWAY_TWINS === 'all';
const SOME = [
  'a transfer is applied whatever its base',
  "a causal client's put is not guarded",
  'a repeated request applies twice',
  'a tombstone is collected before every server has it',
];
const SCRIPTED = CAUSAL_TWINS.filter(({ name }) => isEveryTwin || sample(SOME, 1).includes(name));

async function complaintAbout(edits: Parameters<typeof importMutated>[1], most: number) {
  const suite = (await importMutated('test/twins/suite.ts', edits)) as {
    findComplaint: typeof findComplaint;
  };
  return suite.findComplaint(most);
}

describe('causal', () => {
  test.each(sample(CAUSAL_TWINS, 4).map((twin) => [twin.name, twin] as const))(
    'caught: %s',
    async (_, { edits, caughtBy }) => {
      const complaint = await complaintAbout(edits, MOST_EXERCISES);
      expect(complaint?.message).toMatch(caughtBy);
    },
  );

  test('there is no complaint about the protocol itself', async () => {
    expect(await complaintAbout([], extent({ full: 120, quick: 30 }))).toBeUndefined();
  });
});

async function findByScripts({ edits }: Pick<Twin, 'edits'>, most: number) {
  const swarm = (await importMutated('test/twins/swarm.ts', edits)) as {
    findFailure: typeof findFailure;
  };
  return swarm.findFailure(most, MOST_LINES);
}

function toRow(name: string, { seed, testCase, failure }: Find): string {
  return `| ${name} | ${seed} | ${testCase.lines.length} | ${tellFailure(failure)} |`;
}

describe('causal, by random scripts', () => {
  const rows: string[] = [];

  test.each(SCRIPTED.map((twin) => [twin.name, twin] as const))(
    'found and shrunk: %s',
    async (name, twin) => {
      const find = await findByScripts(twin, MOST_SEEDS);
      if (find === undefined) throw new Error(`nothing found in ${MOST_SEEDS} seeds`);
      expect(find.failure.kind).toBe(find.found.kind);
      expect(tellFailure(find.failure)).toMatch(twin.caughtBy);
      expect(find.testCase.lines.length, find.testCase.lines.join('\n')).toBeLessThanOrEqual(
        MOST_LINES,
      );
      rows.push(toRow(name, find));
    },
  );

  test('the table has every twin, and what was found when all are tried', async () => {
    const text = await readFile(PAGE, 'utf8');
    const head = ['| twin | seed | lines | what the shrunk script says |', '|---|---|---|---|'];
    const written = [...head, ...rows].join('\n');
    const isUpdate = isEveryTwin && process.env.UPDATE_DOCS === '1';
    if (isUpdate)
      await writeFile(
        PAGE,
        text.replace(TABLE, () => written),
      );
    const [table = ''] = isUpdate ? [written] : (TABLE.exec(text) ?? []);
    const names = [...table.matchAll(/^\| ([^|]+) \| [0-9]/gm)].map(([, name]) => name);
    expect(names).toEqual(CAUSAL_TWINS.map(({ name }) => name));
    if (isEveryTwin) expect(table).toBe(written);
  });
});

const ALL_TWINS = [
  ...RANDOM_TWINS,
  ...CAUSAL_TWINS,
  ...CAUSAL_LOG_TWINS,
  ...CHAIN_TWINS,
  ...LOG_TWINS,
];

test.each(ALL_TWINS.map((twin) => [twin.name, twin] as const))(
  'the edits fit the product: %s',
  async (_, { edits }) => {
    for (const edit of edits) {
      const text = await readFile(new URL(`../${edit.file}`, import.meta.url), 'utf8');
      expect(applyEdit(text, edit)).not.toBe(text);
    }
  },
);

test('an edit that no longer fits the product is an error', async () => {
  const text = await readFile(new URL('./twins/mutate.ts', import.meta.url), 'utf8');
  const edit = { file: 'mutate.ts', find: 'no such text in there, '.repeat(2), replace: '' };
  expect(() => applyEdit(text, edit)).toThrow('0 places');
});

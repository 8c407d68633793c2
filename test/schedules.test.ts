// How soon random scripts find each failing twin, by the way in which a seed chooses the delays of
// messages. `npm run schedules` tries all and writes the table in docs/swarm.md, which takes half
// an hour of a core; the usual tests check that the table has every twin.
import { readFile, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { CAUSAL_TWINS } from './twins/causal.ts';
import { importMutated } from './twins/mutate.ts';
import { RANDOM_TWINS } from './twins/random.ts';
import type { findFirst } from './twins/swarm.ts';

const PAGE = new URL('../docs/swarm.md', import.meta.url);
const TABLE = /(?<=<!-- schedules -->\n\n)[\s\S]*?(?=\n\n<!-- end of schedules -->)/;
const SCHEDULES = [
  { name: 'uniform', depth: undefined },
  { name: 'pct:2', depth: 2 },
  { name: 'pct:3', depth: 3 },
] as const;
const MOST_SEEDS = 200;
const IS_MEASURING = process.env.CAUSEWAY_SCHEDULES === 'all';

const TWINS = [
  ...CAUSAL_TWINS.map((twin) => ({ ...twin, protocol: 'causal' as const })),
  ...RANDOM_TWINS,
];

/** By schedule: the first seed that fails; undefined if none of the first 200 does. */
async function seedsOf({ protocol, edits }: (typeof TWINS)[number]) {
  const swarm = (await importMutated('test/twins/swarm.ts', edits)) as {
    findFirst: typeof findFirst;
  };
  const seeds: (number | undefined)[] = [];
  for (const { depth } of SCHEDULES) {
    const found = await swarm.findFirst(protocol, { from: 1, to: MOST_SEEDS + 1, depth });
    seeds.push(found?.seed);
  }
  return seeds;
}

function sumUp(protocol: string, rows: readonly (readonly (number | undefined)[])[]): string[] {
  const counts = SCHEDULES.map((_, at) => {
    const seeds = rows.map((row) => row[at]);
    const found = seeds.filter((seed) => seed !== undefined).length;
    const tried = seeds.reduce<number>((sum, seed) => sum + (seed ?? MOST_SEEDS), 0);
    return `${found} in ${tried}`;
  });
  return [`| **${protocol}**, ${rows.length} twins | ${counts.join(' | ')} |`];
}

it.runIf(IS_MEASURING)('are measured', { timeout: 7_200_000 }, async () => {
  const lines: string[] = [];
  for (const protocol of new Set(TWINS.map((twin) => twin.protocol))) {
    const rows: { name: string; seeds: (number | undefined)[] }[] = [];
    for (const twin of TWINS.filter((one) => one.protocol === protocol)) {
      rows.push({ name: twin.name, seeds: await seedsOf(twin) });
      process.stderr.write(`${protocol}: ${twin.name}: ${rows.at(-1)?.seeds.join(', ')}\n`);
    }
    const seeds = rows.map((row) => row.seeds);
    lines.push(...sumUp(protocol, seeds));
    for (const row of rows) {
      lines.push(`| ${row.name} | ${row.seeds.map((seed) => seed ?? '-').join(' | ')} |`);
    }
  }
  const head = [`| twin | ${SCHEDULES.map(({ name }) => name).join(' | ')} |`, '|---|---|---|---|'];
  const page = await readFile(PAGE, 'utf8');
  await writeFile(
    PAGE,
    page.replace(TABLE, () => [...head, ...lines].join('\n')),
  );
});

it('have a row for each twin', async () => {
  const [table = ''] = TABLE.exec(await readFile(PAGE, 'utf8')) ?? [];
  const names = [...table.matchAll(/^\| ([^|*]+) \| (?:\d+|-) \|/gm)].map(([, name]) => name);
  expect(names.sort()).toEqual(TWINS.map(({ name }) => name).sort());
});

// The page of an evaluation, from real evaluations of small experiments.
import { beforeAll, describe, expect, it, test } from 'vitest';
import { COMPARE_EXPERIMENTS } from '../../src/evaluate/comparison.ts';
import { Evaluation, type Section } from '../../src/evaluate/evaluation.ts';
import type { PartRow } from '../../src/evaluate/examination.ts';
import type { Experiment, Kind } from '../../src/evaluate/experiment.ts';
import type { GroupsRow } from '../../src/evaluate/groups.ts';
import { QUORUM_EXPERIMENTS } from '../../src/evaluate/quorum.ts';
import { SHARDED_EXPERIMENTS } from '../../src/evaluate/sharded.ts';
import type { StalenessRow } from '../../src/evaluate/staleness.ts';
import { createSimWorld } from '../../src/master/worlds.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';
import { toMarkup } from '../../src/web/plots/element.ts';
import { toMeasurements } from '../../src/web/plots/measurements.ts';
import { stalenessFigures, toSteps } from '../../src/web/plots/quorumFigures.ts';
import { groupsFigures, tellParts } from '../../src/web/plots/shardedFigures.ts';

async function evaluate(name: string, experiments: readonly Experiment[]): Promise<Section[]> {
  const evaluation = new Evaluation({
    protocol: PROTOCOLS.find((one) => one.name === name),
    ...{ protocols: PROTOCOLS, seed: 1, experiments, given: new Map() },
    extent: { rounds: 2, seconds: 0.2, isReduced: true },
    createWorld: () => createSimWorld(),
  });
  const sections: Section[] = [];
  for await (const section of evaluation.sections()) sections.push(section);
  return sections;
}

/** Few keys, so that they are filled in a moment; and few points. */
function small(experiment: Experiment): Experiment {
  switch (experiment.kind) {
    case 'staleness':
      return { ...experiment, keys: ['1', '200'], variants: experiment.variants.slice(0, 1) };
    case 'times':
      return { ...experiment, keys: ['1', '200'] };
    case 'failures':
      return { ...experiment, keys: ['1', '200'], failed: [0, 3], rates: [1, 50] };
    case 'compare': {
      const variants = experiment.variants.filter(({ servers }) => servers === 2);
      return { ...experiment, keys: ['1', '2', '3'], variants, crashes: 1 };
    }
    case 'shards':
      return { ...experiment, sizes: [2] };
    default:
      return experiment;
  }
}

const sections = new Map<Kind, Section>();
let page = '';

beforeAll(async () => {
  const all = [
    ...(await evaluate('quorum', QUORUM_EXPERIMENTS.map(small))),
    ...(await evaluate('sharded', SHARDED_EXPERIMENTS.map(small))),
    ...(await evaluate('', COMPARE_EXPERIMENTS.map(small))),
  ];
  for (const section of all) sections.set(section.kind, section);
  page = toMeasurements({ title: 'All <of> them', facts: ['seed 1'], sections: all }, 'main {}');
}, 120_000);

const rowsOf = (kind: Kind): readonly object[] => sections.get(kind)?.rows ?? [];

describe('the page', () => {
  it('has no program, loads nothing, and escapes texts', () => {
    expect(page).not.toMatch(/<script|<img|src=|href=|url\(/);
    expect(page).toContain("default-src 'none'");
    expect(page).toContain('<title>All &lt;of&gt; them</title>');
    expect(page).toContain('<style>main {}</style>');
  });

  it.each([
    ['staleness', 2],
    ['times', 3],
    ['failures', 6],
    ['single', 0],
    ['shards', 1],
    ['groups', 3],
    ['compare', 9],
  ] as const)('of %s has %d figures, each with a table', (kind, count) => {
    const part = page.split('<section ').find((text) => text.startsWith(`aria-label="${kind}"`));
    expect(part?.match(/<svg /g) ?? []).toHaveLength(count);
    expect(part?.match(/<table /g)).toHaveLength(count + 1);
  });

  it('gives every figure a name, and has no number that is none', () => {
    for (const [svg] of page.matchAll(/<svg [^>]*>/g)) {
      expect(svg).toMatch(/role="img" aria-label="[^"]{10,}"/);
    }
    expect(page).not.toMatch(/NaN|Infinity|undefined|\[object/);
  });

  it('draws within the pictures', () => {
    for (const [, x = ''] of page.matchAll(/ (?:x|x1|x2)="(-?[\d.]+)"/g)) {
      expect(Number(x)).toBeGreaterThanOrEqual(0);
      expect(Number(x)).toBeLessThanOrEqual(480);
    }
    for (const [, y = ''] of page.matchAll(/ (?:y|y1|y2)="(-?[\d.]+)"/g)) {
      expect(Number(y)).toBeGreaterThanOrEqual(0);
      expect(Number(y)).toBeLessThanOrEqual(320);
    }
  });
});

test('staleness has the published shares at their waits', () => {
  const [figure] = stalenessFigures(rowsOf('staleness') as StalenessRow[]);
  const published = figure?.table.heads.indexOf('N=4 R=1 W=1 published') ?? -1;
  const shares = figure?.table.rows.map((cells) => [cells[0], cells[published]]);
  expect(shares).toEqual([
    ...[
      ['0', '75.3'],
      ['10', '80.8'],
      ['25', '85.8'],
      ['50', '91.0'],
      ['100', '98.0'],
    ],
  ]);
});

test('groups have the expected shares beside the measured ones', () => {
  const [figure] = groupsFigures(rowsOf('groups') as GroupsRow[]);
  expect(figure?.table.rows.map(([level, , expected]) => [level, expected])).toEqual([
    ...[
      ['0', '66.7'],
      ['1', '33.3'],
      ['2', '0.0'],
    ],
  ]);
  expect(figure === undefined ? '' : toMarkup(figure.svg)).toContain('plot-expected');
});

test('parts say that the answers were the known ones, or how many were not', () => {
  const told = tellParts(rowsOf('shards') as PartRow[]);
  expect(told.at(-1)).toMatch(/^✓ as known, 19 operations, pieces: .*nine pieces/);
  const [row] = rowsOf('shards') as PartRow[];
  expect(row === undefined ? [] : tellParts([{ ...row, wrong: ['a', 'b'] }])[0]).toMatch(
    /^✗ 2 wrong/,
  );
});

test('bins become steps for each millisecond, with nothing between bins apart', () => {
  const bins = [
    { fromMs: 40, toMs: 42.5, share: 0.5 },
    { fromMs: 20, toMs: 25, share: 0.25 },
    { fromMs: 25, toMs: 30, share: 0.25 },
  ];
  expect(toSteps(bins).map(({ x, y }) => [x, y])).toEqual([
    ...[
      [20, 0],
      [20, 5],
      [25, 5],
      [30, 0],
      [40, 0],
      [40, 20],
      [42.5, 0],
    ],
  ]);
});

// Plots as data: ticks, scales, densities, and markup.
import { describe, expect, it, test } from 'vitest';
import { element, toMarkup } from '../../src/web/plots/element.ts';
import { toTable } from '../../src/web/plots/figure.ts';
import { bandwidthOf, histogram, kernelDensity } from '../../src/web/plots/kernelDensity.ts';
import { drawLines, type LinePlot, tableOfLines } from '../../src/web/plots/linePlot.ts';
import { categoryScale, linearScale, logScale } from '../../src/web/plots/scale.ts';

describe('ticks', () => {
  const texts = ({ ticks }: ReturnType<typeof linearScale>) => ticks.map(({ text }) => text);

  it.each([
    [0, 100, ['0', '20', '40', '60', '80', '100']],
    [0, 97, ['0', '20', '40', '60', '80', '100']],
    [91.5, 100, ['90', '92', '94', '96', '98', '100']],
    [0, 1.2, ['0.00', '0.25', '0.50', '0.75', '1.00', '1.25']],
    [0, 0.004, ['0.000', '0.001', '0.002', '0.003', '0.004']],
    [-3, 3, ['−4', '−2', '0', '2', '4']],
    [0, 25_000, ['0', '5000', '10,000', '15,000', '20,000', '25,000']],
    [0, 0, ['0.0', '0.2']],
    [7, 7, ['6', '8']],
  ])('from %d to %d are round numbers that contain both', (least, most, expected) => {
    const scale = linearScale(least, most);
    expect(texts(scale)).toEqual(expected);
    expect(scale.share(scale.least)).toBe(0);
    expect(scale.share(scale.most)).toBe(1);
    expect(scale.least).toBeLessThanOrEqual(least);
    expect(scale.most).toBeGreaterThanOrEqual(most);
  });

  it('of a logarithmic axis are 1, 2 and 5 times powers of ten', () => {
    const scale = logScale(12, 400);
    expect(texts(scale)).toEqual(['10', '20', '50', '100', '200', '500']);
    expect(scale.share(100)).toBeCloseTo(Math.log(10) / Math.log(50));
    expect(texts(logScale(0.3, 40_000))).toEqual([
      '0.1',
      '1',
      '10',
      '100',
      '1000',
      '10,000',
      '100,000',
    ]);
    expect(texts(logScale(20, 20))).toEqual(['20', '50']);
  });

  it('of categories lie in the middle of equal parts', () => {
    const scale = categoryScale(['a', 'b']);
    expect([scale.share(0), scale.share(1)]).toEqual([0.25, 0.75]);
  });
});

describe('a density', () => {
  const areaOf = (points: readonly { x: number; y: number | null }[]) =>
    points.slice(1).reduce((sum, { x, y }, at) => {
      const before = points[at];
      return sum + ((y ?? 0) + (before?.y ?? 0)) * 0.5 * (x - (before?.x ?? 0));
    }, 0);

  it.each([
    ['a value', [20]],
    ['two peaks', [...Array(500).fill(20), ...Array(500).fill(40)]],
    ['values at 0, whose curve is not cut off', [...Array(50).fill(0), 1, 2, 3]],
    ['even values', Array.from({ length: 1_000 }, (_, index) => index / 10)],
  ])('of %s has the area 1', (_, values) => {
    const points = kernelDensity(values);
    expect(points.every(({ x, y }) => x >= 0 && (y ?? -1) >= 0)).toBe(true);
    expect(areaOf(points)).toBeCloseTo(1, 1);
  });

  it('has its peaks where the values are', () => {
    const points = kernelDensity([...Array(700).fill(20), ...Array(300).fill(40)]);
    const near = (at: number) =>
      points.filter(({ x }) => Math.abs(x - at) < 1).map(({ y }) => y ?? 0);
    const [low, middle, high] = [near(20), near(30), near(40)].map((all) => Math.max(...all));
    expect((low ?? 0) / (high ?? 1)).toBeCloseTo(7 / 3, 1);
    expect(middle).toBeLessThan(0.001);
  });

  it('of nothing has no points', () => {
    expect(kernelDensity([])).toEqual([]);
    expect(histogram([], 1)).toEqual([]);
  });

  it('of a million equal values is drawn too', () => {
    expect(kernelDensity(Array(1_000_000).fill(5))).toHaveLength(240);
  });

  it('is as narrow as the smaller measure of spread says', () => {
    expect(bandwidthOf([10, 10, 10, 10])).toBe(0.2);
    const outlier = [...Array.from({ length: 100 }, (_, index) => 10 + index / 100), 1_000];
    expect(bandwidthOf(outlier)).toBeLessThan(1);
  });

  it('as steps has bins around multiples of their width', () => {
    expect(histogram([20, 20, 19.1, 40], 10)).toEqual([
      { x: 15, y: 0 },
      ...[15, 25, 35, 45].map((x, at) => ({ x, y: [0.075, 0, 0.025, 0][at] })),
    ]);
  });

  it('as steps begins at 0, with the same area', () => {
    expect(histogram([0, 1, 10, 10], 10)).toEqual([
      { x: 0, y: 0 },
      ...[0, 5, 15].map((x, at) => ({ x, y: [0.1, 0.05, 0][at] })),
    ]);
  });
});

const plot: LinePlot = {
  title: 'Fresh gets',
  x: { label: 'wait', unit: 'ms' },
  y: { label: 'fresh', unit: '%', most: 100 },
  series: [
    {
      name: 'N < "4" & more',
      points: [
        { x: 0, y: 50 },
        { x: 10, y: null },
        { x: 20, y: 75 },
      ],
    },
    { name: 'published', kind: 'points', look: 0, points: [{ x: 10, y: 60 }] },
  ],
};

describe('a plot', () => {
  const markup = toMarkup(drawLines(plot));

  it('has a title, a name, units, and no markup of users', () => {
    expect(markup).toContain(
      'aria-label="Fresh gets. fresh (%) over wait (ms), for N &lt; &quot;4',
    );
    expect(markup).toContain('>wait (ms)</text>');
    expect(markup).toContain('N &lt; &quot;4&quot; &amp; more</text>');
    expect(markup).not.toContain('N <');
  });

  it('has a gap where a value is missing, and a mark at each value', () => {
    expect(markup).toMatch(/class="plot-line" d="M[\d. ]+M[\d. ]+"/);
    const legend = 2;
    expect(markup.match(/class="plot-mark/g)).toHaveLength(3 + legend);
    expect(markup.match(/plot-hollow/g)).toHaveLength(1 + 1);
  });

  it('has no number that is none, even without any value', () => {
    const empty = { ...plot, series: [{ name: 'none', points: [] }] };
    expect(toMarkup(drawLines(empty))).not.toMatch(/NaN|Infinity|undefined/);
    expect(markup).not.toMatch(/NaN|Infinity|undefined/);
  });

  test('its table has the same values', () => {
    const { heads, rows } = tableOfLines(plot);
    expect(heads).toEqual(['wait (ms)', 'N < "4" & more', 'published']);
    expect(rows).toEqual([
      ['0', '50.0', '-'],
      ['10', '-', '60.0'],
      ['20', '75.0', '-'],
    ]);
    const table = toMarkup(toTable(tableOfLines(plot)));
    expect(table).toContain('<th scope="row" class="plot-number">20</th>');
    expect(table).toContain('<td class="plot-number">75.0</td>');
  });
});

test('texts are escaped in contents and in attributes', () => {
  expect(toMarkup(element('p', { title: '"><script>' }, '</p>&'))).toBe(
    '<p title="&quot;&gt;&lt;script&gt;">&lt;/p&gt;&amp;</p>',
  );
});

// Figures of the experiments for quorum: staleness, response times, failures.
import type { FailuresRow } from '../../evaluate/failures.ts';
import type { StalenessRow } from '../../evaluate/staleness.ts';
import type { Bin } from '../../evaluate/statistics.ts';
import type { TimesRow } from '../../evaluate/times.ts';
import { type DotPlot, drawDots, tableOfDots } from './dotPlot.ts';
import type { Figure } from './figure.ts';
import { drawLines, type LinePlot, type Point, type Series, tableOfLines } from './linePlot.ts';

/** `N=4 R=1 W=2` */
export function nameOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, text]) => `${name}=${text}`)
    .join(' ');
}

export function lineFigure(plot: LinePlot): Figure {
  return { svg: drawLines(plot), table: tableOfLines(plot) };
}

export function dotFigure(plot: DotPlot): Figure {
  return { svg: drawDots(plot), table: tableOfDots(plot) };
}

/** One for each distribution of delays. Hollow marks are the published shares. */
export function stalenessFigures(rows: readonly StalenessRow[]): Figure[] {
  const delays = [...new Set(rows.map(({ delay }) => delay))];
  return delays.map((delay) => {
    const own = rows.filter((row) => row.delay === delay);
    const measured = own.map(({ labels, points }, look): Series => {
      const shares = points.map(({ waitMs, freshShare }) => ({
        x: waitMs,
        y: percent(freshShare),
      }));
      return { name: nameOf(labels), points: shares, look };
    });
    const published = own.flatMap(({ labels, published: known }, look): Series[] => {
      if (known === null) return [];
      const points = known.map((share) => ({ x: share.waitMs, y: share.percent }));
      return [{ name: `${nameOf(labels)} published`, points, kind: 'points', look }];
    });
    return lineFigure({
      title: `Fresh gets, delays ${delay}`,
      x: { label: 'time from the acknowledgement to the get', unit: 'ms' },
      y: { label: 'gets that return the put', unit: '%', least: 100, most: 100 },
      series: [...measured, ...published],
    });
  });
}

/** The densities of gets and of puts, and the figures of both. */
export function timesFigures(rows: readonly TimesRow[]): Figure[] {
  const densities = (['get', 'put'] as const).map((operation) => {
    const own = rows.filter((row) => row.operation === operation);
    return lineFigure({
      title: `Response times of ${operation}s`,
      x: { label: 'response time', unit: 'ms' },
      y: { label: 'share of the answered requests', unit: '% for each ms' },
      series: own.map(({ labels, density }) => {
        const name = `${nameOf(labels)}, ${tellWidth(density)}`;
        return { name, points: toSteps(density), kind: 'steps' };
      }),
    });
  });
  const figures = dotFigure({
    title: 'Mean and percentiles of response times',
    x: { label: 'response time', unit: 'ms' },
    y: { label: 'requests' },
    figures: ['p50', 'mean', 'p99', 'p99.9', 'published mean', 'published p99.9'],
    rows: rows.map(({ labels, operation, published, ...row }) => ({
      name: `${operation} ${nameOf(labels)}`,
      values: [
        ...[row.p50Ms, row.meanMs, row.p99Ms, row.p999Ms],
        ...[published?.[0] ?? null, published?.[1] ?? null],
      ],
    })),
  });
  return [...densities, figures];
}

function tellWidth([first]: readonly Bin[]): string {
  return first === undefined ? 'no bins' : `bins of ${widthOf(first)} ms`;
}

/** Differences of binary fractions have digits that mean nothing. */
function widthOf({ fromMs, toMs }: Bin): number {
  return Number((toMs - fromMs).toFixed(4));
}

/**
 * The bins as steps, in percents for each millisecond, so that bins of several widths can be
 * compared. Those that are not among them are empty.
 */
export function toSteps(density: readonly Bin[]): Point[] {
  const sorted = [...density].sort((a, b) => a.fromMs - b.fromMs);
  return sorted.flatMap((bin, at) => {
    const { fromMs, toMs, share } = bin;
    const before = sorted[at - 1]?.toMs === fromMs ? [] : [{ x: fromMs, y: 0 }];
    const after = sorted[at + 1]?.fromMs === toMs ? [] : [{ x: toMs, y: 0 }];
    return [...before, { x: fromMs, y: (100 * share) / widthOf(bin) }, ...after];
  });
}

type Load = FailuresRow['get'];

const FAILURE_FIGURES = [
  {
    title: 'Answered requests',
    y: { label: 'answered', unit: '%', most: 100 },
    of: ({ answeredShare }: Load) => percent(answeredShare),
  },
  {
    title: 'Mean response times',
    y: { label: 'mean of the answered requests', unit: 'ms' },
    of: ({ meanMs }: Load) => meanMs,
  },
  {
    title: '99th percentiles',
    y: { label: '99th percentile of the answered requests', unit: 'ms' },
    of: ({ p99Ms }: Load) => p99Ms,
  },
] as const;

/** By the number of failed servers, and by the rate of failures. */
export function failuresFigures(rows: readonly FailuresRow[]): Figure[] {
  const causes = [
    ['failed', { label: 'failed servers' }, 'while servers are failed'],
    ['perSecond', { label: 'failures for 50 ms each', unit: 'per second' }, 'while servers fail'],
  ] as const;
  return causes.flatMap(([cause, x, words]) => {
    const own = rows.filter((row) => row[cause] !== null);
    const kinds = [...new Set(own.map(({ labels }) => labels.quorum ?? nameOf(labels)))];
    return FAILURE_FIGURES.map(({ title, y, of: measure }) => {
      const series = kinds.flatMap((kind) =>
        (['get', 'put'] as const).map((operation): Series => {
          const of = own.filter(({ labels }) => (labels.quorum ?? nameOf(labels)) === kind);
          const points = of.map((row) => ({ x: row[cause] ?? 0, y: measure(row[operation]) }));
          return { name: `${operation}, ${kind}`, points };
        }),
      );
      return lineFigure({ title: `${title} ${words}`, x, y, series });
    });
  });
}

export function percent(share: number | null): number | null {
  return share === null ? null : 100 * share;
}

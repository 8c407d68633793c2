// Figures of the comparison of protocols, by the number of servers.
import { type CompareRow, MOST_MS } from '../../evaluate/compare.ts';
import type { Figure } from './figure.ts';
import type { LinePlot } from './linePlot.ts';
import { lineFigure, percent } from './quorumFigures.ts';

interface Measure {
  readonly title: string;
  readonly y: LinePlot['y'];
  of(row: CompareRow): number | null;
}

const WITHOUT_SERVICE: LinePlot['y'] = {
  label: `no put acknowledged; without a mark over ${MOST_MS / 1_000} s`,
  unit: 'ms',
  isLog: true,
};

const MEASURES: readonly Measure[] = [
  {
    title: 'Throughput',
    y: { label: 'answered puts and gets', unit: 'per second' },
    of: ({ pairs, unanswered, seconds }) => (2 * (pairs - unanswered)) / seconds,
  },
  ...(['put', 'get'] as const).flatMap((operation): Measure[] => [
    {
      title: `Median of ${operation}s`,
      y: { label: 'response time', unit: 'ms' },
      of: (row) => row[operation].p50Ms,
    },
    {
      title: `99th percentile of ${operation}s`,
      y: { label: 'response time', unit: 'ms' },
      of: (row) => row[operation].p99Ms,
    },
  ]),
  {
    title: 'Stale gets',
    y: { label: 'gets older than the own put', unit: '%' },
    of: ({ pairs, unanswered, older }) => percent(shareOf(older, pairs - unanswered)),
  },
  {
    title: 'Refused pairs',
    y: { label: 'pairs with no answer', unit: '%' },
    of: ({ pairs, unanswered }) => percent(shareOf(unanswered, pairs)),
  },
  {
    title: 'Without service after a crash, median',
    y: WITHOUT_SERVICE,
    of: ({ gapsMs }) => {
      const sorted = gapsMs.map((ms) => ms ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
      return finite(sorted[Math.floor((sorted.length - 1) / 2)]);
    },
  },
  {
    title: 'Without service after a crash, longest',
    y: WITHOUT_SERVICE,
    of: ({ gapsMs }) => {
      return gapsMs.includes(null) ? null : finite(Math.max(...gapsMs.map(Number)));
    },
  },
];

export function compareFigures(rows: readonly CompareRow[]): Figure[] {
  const servers = [...new Set(rows.map((row) => row.servers))].sort((a, b) => a - b);
  const names = [...new Set(rows.map(designOf))];
  return MEASURES.map(({ title, y, of: measure }) =>
    lineFigure({
      title,
      x: { label: 'servers', categories: servers.map(String) },
      y,
      series: names.map((name) => ({
        name,
        points: servers.map((count, x) => {
          const row = rows.find((one) => one.servers === count && designOf(one) === name);
          return { x, y: row === undefined ? null : measure(row) };
        }),
      })),
    }),
  );
}

/** The protocol with its options; the number of groups follows from that of servers. */
function designOf({ protocol, labels }: CompareRow): string {
  const words = (labels.options ?? '').split(' ').filter((word) => !/^(?:groups=\d+)?$/.test(word));
  return [protocol, ...words].join(' ');
}

function shareOf(count: number, of: number): number | null {
  return of === 0 ? null : count / of;
}

function finite(ms: number | undefined): number | null {
  return ms === undefined || !Number.isFinite(ms) ? null : ms;
}

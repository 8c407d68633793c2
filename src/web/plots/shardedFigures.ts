// Figures of the experiments for sharded: known answers while servers move, and replica groups.
import type { PartRow } from '../../evaluate/examination.ts';
import type { GroupsRow } from '../../evaluate/groups.ts';
import { type BarPlot, drawBars, tableOfBars } from './barPlot.ts';
import type { Figure } from './figure.ts';
import { dotFigure, lineFigure, percent } from './quorumFigures.ts';

function barFigure(plot: BarPlot): Figure {
  return { svg: drawBars(plot), table: tableOfBars(plot) };
}

/** How long each join and leave took; none if no server has moved. */
export function partsFigures(rows: readonly PartRow[]): Figure[] {
  const moving = rows.filter(({ movesMs }) => movesMs.length > 0);
  if (moving.length === 0) return [];
  return [
    lineFigure({
      title: 'Duration of joins and leaves',
      x: { label: 'number of the join or leave' },
      y: { label: 'duration', unit: 'ms' },
      series: moving.map(({ part, servers, movesMs }) => ({
        name: `${part}, ${servers}`,
        points: movesMs.map((ms, at) => ({ x: at + 1, y: ms })),
      })),
    }),
  ];
}

const ABOUT: Readonly<Record<string, string>> = {
  simple: 'every operation, by one client',
  parallel: 'clients on keys of their own',
  race: 'appends of several clients to one key',
  'all leave': 'all servers leave',
  leaves: 'the oldest server leaves again and again',
  pieces: 'one key grows by a piece before each leave and join, to nine pieces',
};

/** Whether the answers of each part were the known ones, in words. */
export function tellParts(rows: readonly PartRow[]): string[] {
  return rows.map(({ part, servers, operations, wrong }) => {
    const verdict = wrong.length === 0 ? '✓ as known' : `✗ ${wrong.length} wrong`;
    const about = ABOUT[part] === undefined ? '' : `: ${ABOUT[part]}`;
    return `${verdict}, ${operations} operations, ${part}${about} (servers: ${servers})`;
  });
}

/** By the number L of synchronous secondaries. */
export function groupsFigures(rows: readonly GroupsRow[]): Figure[] {
  const x = {
    label: 'L, synchronous secondaries',
    categories: rows.map(({ labels }) => labels.L ?? ''),
  };
  return [
    barFigure({
      title: 'Gets that miss the put just before them',
      x,
      y: { label: 'share of the pairs', unit: '%' },
      series: [
        {
          name: 'older than the own put',
          values: rows.map(({ olderShare }) => percent(finite(olderShare))),
          expected: rows.map(({ expected: { share, least, most } }) => {
            return { value: 100 * share, least: 100 * least, most: 100 * most };
          }),
        },
        { name: 'all errors', values: rows.map(({ errorShare }) => percent(errorShare)) },
      ],
    }),
    barFigure({
      title: 'Throughput',
      x,
      y: { label: 'pairs of a put and a get', unit: 'per second' },
      series: [
        { name: 'pairs', values: rows.map(({ pairsPerSecond }) => pairsPerSecond) },
        { name: 'errors', values: rows.map(({ errorsPerSecond }) => errorsPerSecond) },
      ],
    }),
    dotFigure({
      title: 'Percentiles of response times',
      x: { label: 'response time', unit: 'ms' },
      y: { label: 'requests' },
      figures: ['p50', 'p99', 'p99.9'],
      rows: rows.flatMap(({ labels, put, get }) =>
        Object.entries({ put, get }).map(([operation, { p50Ms, p99Ms, p999Ms }]) => {
          return { name: `${operation}, L=${labels.L}`, values: [p50Ms, p99Ms, p999Ms] };
        }),
      ),
    }),
  ];
}

function finite(share: number): number | null {
  return Number.isFinite(share) ? share : null;
}

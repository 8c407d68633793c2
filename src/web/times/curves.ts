// Response times of several loads in one plot, so that they can be compared, and their figures.
import { type Table, tellNumber, tellPercent } from '../../evaluate/table.ts';
import type { Size } from '../plots/frame.ts';
import { bandwidthOf, histogram, kernelDensity } from '../plots/kernelDensity.ts';
import type { LinePlot, Series } from '../plots/linePlot.ts';
import { niceStep } from '../plots/scale.ts';
import type { Figures } from './requests.ts';

/** The requests of one load with one operation. */
export interface Curve {
  /** `GET, quorum`. */
  readonly name: string;
  /** Of the answered requests. */
  readonly timesMs: readonly number[];
  readonly figures: Figures;
}

/** A bin of so many bandwidths is about as high as the curve. */
const BANDWIDTHS = 2.5;

/** A histogram and a smooth curve of each; all histograms have the same bins. */
export function densityPlot(curves: readonly Curve[], size: Size): LinePlot {
  const widths = curves.flatMap(({ timesMs }) => (timesMs.length > 0 ? bandwidthOf(timesMs) : []));
  const width = niceStep(BANDWIDTHS * Math.min(...widths, Number.MAX_VALUE), 1);
  const series = curves.flatMap(({ name, timesMs }, look): Series[] => {
    // A density is for each ms; as percents the numbers of an axis are short.
    const toPercent = (points: Series['points']): Series['points'] =>
      points.map(({ x, y }) => ({ x, y: y === null ? null : 100 * y }));
    const bins = toPercent(histogram(timesMs, width));
    const smooth = toPercent(kernelDensity(timesMs));
    return [
      { name: `${name}, histogram`, points: bins, kind: 'shade', look, isUnlisted: true },
      { name, points: smooth, kind: 'curve', look },
    ];
  });
  return {
    title: 'Density of response times',
    x: { label: 'response time', unit: 'ms' },
    y: { label: 'share of the answered requests', unit: '% for each ms' },
    ...{ series, size },
  };
}

export function figuresTable(curves: readonly Curve[]): Table {
  return {
    title: 'Response times in ms, and shares of all requests',
    heads: [
      ...['load', 'requests', 'sum', 'mean', 'sd', 'p50', 'p99', 'p99.9'],
      ...['failed %', 'stale %'],
    ],
    rows: curves.map(({ name, figures }) => [
      name,
      String(figures.requests),
      ...[figures.sumMs, figures.meanMs, figures.deviationMs].map(tellNumber),
      ...[figures.p50Ms, figures.p99Ms, figures.p999Ms].map(tellNumber),
      ...[figures.failedShare, figures.staleShare].map(tellPercent),
    ]),
  };
}

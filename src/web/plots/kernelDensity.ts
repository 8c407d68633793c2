// A smooth density of a sample: the sum of a normal curve around each value.
import type { Point } from './linePlot.ts';

const POINTS = 240;
/** The normal curve is nothing beyond so many standard deviations. */
const REACH = 4;

/**
 * The density, in shares for each unit of the values, at equally spaced points. Values are at least
 * 0: what a curve has below is added above. Empty for no value.
 */
export function kernelDensity(values: readonly number[], bandwidth = bandwidthOf(values)): Point[] {
  if (values.length === 0) return [];
  const [least, most] = boundsOf(values);
  const from = Math.max(0, least - REACH * bandwidth);
  const step = (most + REACH * bandwidth - from) / (POINTS - 1);
  const sums = new Float64Array(POINTS);
  const factor = 1 / (values.length * bandwidth * Math.sqrt(2 * Math.PI));
  for (const [value, count] of countOf(values, step / 8)) {
    add(value, count);
    if (value < REACH * bandwidth) add(-value, count);
  }
  return Array.from(sums, (sum, index) => ({ x: from + index * step, y: sum * factor }));

  function add(value: number, count: number): void {
    const first = Math.max(0, Math.ceil((value - REACH * bandwidth - from) / step));
    const last = Math.min(POINTS - 1, Math.floor((value + REACH * bandwidth - from) / step));
    for (let index = first; index <= last; index += 1) {
      const distance = (from + index * step - value) / bandwidth;
      sums[index] = (sums[index] ?? 0) + count * Math.exp(-0.5 * distance ** 2);
    }
  }
}

/**
 * Silverman's rule, with the smaller one of the standard deviation and the interquartile range, so
 * that several peaks stay apart. A sample of one value has a narrow curve.
 */
export function bandwidthOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const { length } = sorted;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / length;
  const variance = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / length;
  const at = (share: number): number => sorted[Math.floor(share * (length - 1))] ?? 0;
  const spreads = [Math.sqrt(variance), (at(0.75) - at(0.25)) / 1.34].filter((one) => one > 0);
  const spread = spreads.length === 0 ? 0 : Math.min(...spreads);
  const narrowest = Math.max(0.2, mean / 100);
  return Math.max(narrowest, 0.9 * spread * length ** -0.2);
}

/** Values that lie together count as one. */
function countOf(values: readonly number[], width: number): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) {
    const near = width === 0 ? value : Math.round(value / width) * width;
    counts.set(near, (counts.get(near) ?? 0) + 1);
  }
  return counts;
}

export function boundsOf(values: readonly number[]): [least: number, most: number] {
  return values.reduce(
    ([least, most], value): [number, number] => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
}

/**
 * The shares of the values in bins of that width, for each unit, as steps. The middle of a bin is a
 * multiple of the width, so that times of whole hops lie in the middle. The bin at 0 has half the
 * width: values are at least 0.
 */
export function histogram(values: readonly number[], width: number): Point[] {
  if (values.length === 0) return [];
  const counts = new Map<number, number>();
  for (const value of values) {
    const bin = Math.round(value / width);
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  const height = (bin: number): number =>
    (counts.get(bin) ?? 0) / (values.length * (bin === 0 ? width / 2 : width));
  const [first, last] = boundsOf([...counts.keys()]);
  const bins = Array.from({ length: last - first + 2 }, (_, index) => first + index);
  const start = (bin: number): number => Math.max(0, bin - 0.5) * width;
  return [{ x: start(first), y: 0 }, ...bins.map((bin) => ({ x: start(bin), y: height(bin) }))];
}

// Figures of a sample of times: mean, deviation, percentiles, density.

export interface Summary {
  readonly count: number;
  /** Null without any time, as all figures below. */
  readonly meanMs: number | null;
  readonly deviationMs: number | null;
  /** By nearest rank. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly p999Ms: number | null;
  /**
   * Where the times lie: bins of equal width that are not empty, and their shares of all. The width
   * follows from the times.
   */
  readonly density: readonly Bin[];
}

export interface Bin {
  readonly fromMs: number;
  readonly toMs: number;
  readonly share: number;
}

/** A clock of real processes shows no less. */
const NARROWEST_US = 100;
/** Of times that are all the same. */
const USUAL_US = 1_000;
/** Between the least time and the greatest; more than these cannot be seen in a plot. */
const BINS = { least: 5, most: 400 };

export function summarize(timesMs: readonly number[]): Summary {
  const sorted = Float64Array.from(timesMs).sort();
  const { length: count } = sorted;
  const rank = (share: number): number | null =>
    toMicroseconds(sorted[Math.max(0, Math.ceil(share * count) - 1)]);
  const mean = meanOf(sorted);
  const variance = meanOf(sorted.map((ms) => (ms - mean) ** 2));
  return {
    count,
    meanMs: count === 0 ? null : toMicroseconds(mean),
    deviationMs: count === 0 ? null : toMicroseconds(Math.sqrt(variance)),
    p50Ms: rank(0.5),
    p99Ms: rank(0.99),
    p999Ms: rank(0.999),
    density: densityOf(sorted),
  };
}

function densityOf(timesMs: Float64Array): Bin[] {
  const widthUs = binWidthOf(timesMs);
  const counts = new Map<number, number>();
  for (const ms of timesMs) {
    // In whole microseconds: 0.6 / 0.2 is less than 3.
    const bin = Math.floor(Math.round(ms * 1_000) / widthUs);
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  return Array.from(counts, ([bin, count]) => ({
    fromMs: (bin * widthUs) / 1_000,
    toMs: ((bin + 1) * widthUs) / 1_000,
    share: count / timesMs.length,
  }));
}

/**
 * In microseconds: by the rule of Freedman and Diaconis, or by Scott's if half of the times are the
 * same; as 1, 2 or 5 of a power of ten.
 */
function binWidthOf(sortedMs: Float64Array): number {
  const { length } = sortedMs;
  const at = (share: number): number => sortedMs[Math.floor(share * (length - 1))] ?? 0;
  const rangeUs = 1_000 * (at(1) - at(0));
  if (rangeUs < NARROWEST_US) return USUAL_US;
  const quartersUs = 1_000 * (at(0.75) - at(0.25));
  const mean = meanOf(sortedMs);
  const deviationUs = 1_000 * Math.sqrt(meanOf(sortedMs.map((ms) => (ms - mean) ** 2)));
  const spreadUs = quartersUs >= NARROWEST_US ? 2 * quartersUs : 3.49 * deviationUs;
  const wanted = spreadUs / Math.cbrt(length);
  const bounded = Math.min(rangeUs / BINS.least, Math.max(rangeUs / BINS.most, wanted));
  return Math.max(NARROWEST_US, toNice(bounded));
}

/** The next 1, 2 or 5 of a power of ten that is not greater. */
function toNice(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const digit = [5, 2].find((one) => one * power <= value) ?? 1;
  return digit * power;
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sums of binary fractions leave digits that mean nothing. */
function toMicroseconds(ms: number): number;
function toMicroseconds(ms: number | undefined): number | null;
function toMicroseconds(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 1_000) / 1_000;
}

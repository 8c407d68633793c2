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
  /** Where the times lie: bins of equal width that are not empty, and their shares of all. */
  readonly density: readonly Bin[];
}

export interface Bin {
  readonly fromMs: number;
  readonly toMs: number;
  readonly share: number;
}

const BIN_MS = 5;

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
  const counts = new Map<number, number>();
  for (const ms of timesMs) {
    const bin = Math.floor(ms / BIN_MS);
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  return Array.from(counts, ([bin, count]) => ({
    fromMs: bin * BIN_MS,
    toMs: (bin + 1) * BIN_MS,
    share: count / timesMs.length,
  }));
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

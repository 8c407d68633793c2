// The machine's monotonic clock, which all processes of a run read alike.

/** Milliseconds since the machine's start, or some other moment that all processes share. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** A clock that reads 0 at `epochMs` of the machine's monotonic clock. */
export function createClock(epochMs: number): () => number {
  return () => monotonicMs() - epochMs;
}

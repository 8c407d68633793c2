// The machine's monotonic clock, and timers; all processes of a run read the same clock.
import type { Cancel } from '../kernel/env.ts';

/** Milliseconds since a moment that all processes share, such as the machine's start. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** A clock that is 0 at `epochMs` of the machine's monotonic clock. */
export function createClock(epochMs: number): () => number {
  return () => monotonicMs() - epochMs;
}

export function startTimer(ms: number, task: () => void): Cancel {
  const timer = setTimeout(task, ms);
  return () => clearTimeout(timer);
}

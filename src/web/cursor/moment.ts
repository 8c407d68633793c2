// Which moment of a run a cursor means, in words.
import type { TraceEvent } from '../../kernel/trace.ts';

export interface Moment {
  /** The number of events that have happened. */
  readonly cursor: number;
  /** Milliseconds of the world's time: of the last event that has happened. */
  readonly at: number;
  /** The last line of the script that has caused an event by then; undefined if none has. */
  readonly line: number | undefined;
}

export function momentAt(events: readonly TraceEvent[], cursor: number): Moment {
  let line: number | undefined;
  for (let index = Math.min(cursor, events.length) - 1; index >= 0; index -= 1) {
    line = events[index]?.line;
    if (line !== undefined) break;
  }
  return { cursor, at: events[cursor - 1]?.at ?? 0, line };
}

export function formatMs(ms: number): string {
  if (ms >= 100_000) return `${Math.round(ms / 1000)} s`;
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms.toFixed(1)} ms`;
}

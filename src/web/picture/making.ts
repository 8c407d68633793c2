// What the parts of a scene share while it is made.
import { type Frame, toY } from './frame.ts';
import type { Layout } from './layout.ts';
import type { Batches, Room, Text } from './sceneParts.ts';

/** What stands out. Events by index; absent where there is none. */
export interface Highlights {
  /** The relation of each event to `focus`. */
  readonly relation?: Uint8Array | undefined;
  readonly focus?: number | undefined;
  /** The last event that has happened at the cursor. */
  readonly cursor?: number | undefined;
  /** A line of the script. */
  readonly line?: number | undefined;
  /** Where that line's events begin and end. */
  readonly stretch?: { readonly from: number; readonly to: number } | undefined;
  /** Whether a search has found an event. */
  readonly isMatch?: ((event: number) => boolean) | undefined;
}

export interface Making {
  readonly layout: Layout;
  readonly frame: Frame;
  readonly highlights: Highlights;
  readonly batches: Batches;
  readonly texts: Text[];
  readonly room: Room;
}

export function isDimmed({ relation }: Highlights, ...events: readonly number[]): boolean {
  return relation !== undefined && events.every((event) => (relation[event] ?? 0) === 0);
}

/** Whether a row is in the frame at all. */
export function isRowSeen(frame: Frame, row: number): boolean {
  const y = toY(frame, row);
  return y > frame.ruler - frame.laneHeight && y < frame.height + frame.laneHeight;
}

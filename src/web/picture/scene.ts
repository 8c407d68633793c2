// The visible part of a diagram as shapes and texts. Whatever draws it, a canvas or an SVG file,
// decides nothing but colours.

import { type Frame, toPixel } from './frame.ts';
import type { Layout } from './layout.ts';
import type { Highlights, Making } from './making.ts';
import { placeTicks } from './places.ts';
import { addArrows } from './sceneArrows.ts';
import { addBars } from './sceneBars.ts';
import { addEvents, addMarks } from './sceneEvents.ts';
import { addBands, addLanes } from './sceneLanes.ts';
import { type Batch, Batches, Room, type Text } from './sceneParts.ts';
import { showTime } from './text.ts';

export interface Label {
  readonly x: number;
  readonly text: string;
}

export interface Scene {
  readonly batches: readonly Batch[];
  readonly texts: readonly Text[];
  readonly ticks: readonly Label[];
  /** Shortened stretches. */
  readonly gaps: readonly Label[];
  /** Of so many messages in the window only one is drawn; 1 for all. */
  readonly oneOf: number;
}

const TICK_DISTANCE = 84;

export function toScene(layout: Layout, frame: Frame, highlights: Highlights): Scene {
  const room = new Room();
  const making = { layout, frame, highlights, batches: new Batches(), texts: [], room };
  addLanes(making);
  addBars(making);
  addMarks(making);
  addEvents(making);
  const oneOf = addArrows(making);
  addBands(making);
  addCursor(making);
  return { batches: making.batches.list(), texts: making.texts, ...addRuler(making), oneOf };
}

function addRuler({ layout: { places }, frame }: Making): Pick<Scene, 'ticks' | 'gaps'> {
  const unit = (frame.to - frame.from) / (frame.width - frame.gutter);
  const from = Math.max(0, frame.from);
  const to = Math.min(places.width, frame.to);
  const ticks = placeTicks(places, from, to, unit * TICK_DISTANCE).map(({ x, value }) => ({
    x: toPixel(frame, x),
    text: places.order === 'time' ? showTime(value) : String(value),
  }));
  const gaps = places.gaps
    .filter((gap) => gap.to >= frame.from && gap.from <= frame.to && gap.to - gap.from > 24 * unit)
    .map(({ from, to, ms }) => ({ x: toPixel(frame, (from + to) / 2), text: showTime(ms) }));
  return { ticks, gaps };
}

function addCursor({ layout, frame, highlights, batches }: Making): void {
  const { stretch, cursor } = highlights;
  const height = layout.rows.length * frame.laneHeight;
  const top = frame.ruler - frame.top;
  if (stretch !== undefined) {
    const left = Math.max(toPixel(frame, stretch.from) - 5, frame.gutter);
    const right = Math.min(toPixel(frame, stretch.to) + 5, frame.width);
    if (right > left) batches.add('line', false, left, top, right - left, height);
  }
  if (cursor === undefined) return;
  const x = toPixel(frame, layout.places.x[cursor] as number);
  batches.add('cursor', false, x, frame.ruler - 6, x, Math.max(top + height, frame.ruler));
}

// The lanes, and what lasts on them.
import type { Band } from './bands.ts';
import { type Frame, toPixel, toY } from './frame.ts';
import { isRowSeen, type Making } from './making.ts';
import { widthOf } from './sceneParts.ts';

/** How far below the middle of its lane an outage is drawn. */
const BELOW = 10;
const OUTAGE_HEIGHT = 4;

export function addLanes({ layout, frame, batches }: Making): void {
  const left = Math.max(frame.gutter, toPixel(frame, 0));
  const right = Math.min(frame.width, toPixel(frame, layout.places.width));
  for (const row of layout.rows.keys()) {
    if (!isRowSeen(frame, row)) continue;
    const y = toY(frame, row);
    const lane = layout.rows[row]?.lane as number;
    const isService = layout.model.lanes[lane]?.role === 'service';
    batches.add(isService ? 'lane' : 'dead', false, left, y, right, y);
  }
}

export function addBands(making: Making): void {
  const { layout, frame, batches } = making;
  const { spans, list } = layout.bands;
  for (const index of spans.within(frame.from, frame.to)) {
    const band = list[index] as Band;
    const row = layout.rowOfLane[band.lane] as number;
    if (row === -1 || !isRowSeen(frame, row)) continue;
    const from = spans.from[index] as number;
    const to = spans.to[index] as number;
    const [left, right] = clip(frame, toPixel(frame, from), toPixel(frame, to));
    const y = toY(frame, row);
    if (band.kind === 'life') batches.add('lane', false, left, y, right, y);
    else if (band.kind === 'pause') {
      const height = frame.laneHeight * 0.6;
      batches.add('pause', false, left, y - height / 2, right - left, height);
      addText(making, 'paused', { left, right, y: y - height / 2 + 8 });
    } else {
      batches.add('outage', false, left, y + BELOW, right - left, OUTAGE_HEIGHT);
      addText(making, band.text, { left, right, y: y + BELOW + OUTAGE_HEIGHT + 7 });
    }
  }
}

/** At least two pixels wide. */
function clip(frame: Frame, left: number, right: number): [left: number, right: number] {
  const from = Math.max(left, frame.gutter);
  return [from, Math.max(Math.min(right, frame.width), from + 2)];
}

function addText(
  { room, texts }: Making,
  text: string,
  { left, right, y }: { left: number; right: number; y: number },
): void {
  const width = widthOf(text);
  if (width + 8 > right - left || !room.take(left + 4, y, width)) return;
  texts.push({ style: 'bandText', isDim: false, x: left + 4, y, text });
}

// Messages as arrows. Where a window has too many of them, every so manieth is drawn.
import type { TraceEvent } from '../../kernel/trace.ts';
import { type Frame, toPixel, toY } from './frame.ts';
import type { Layout } from './layout.ts';
import { isDimmed, type Making } from './making.ts';
import { KIND, NONE } from './model.ts';
import { type Style, TEXT_HEIGHT, widthOf } from './sceneParts.ts';
import { showText } from './text.ts';

const MOST_BRIGHT = 1200;
const MOST_DIM = 400;
/** Texts only where arrows are this far apart, in pixels. */
const PIXELS_FOR_TEXT = 14;
/** Where along an arrow its text may be: the first place that is free. */
const SHARES: readonly number[] = [0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78];
/** Arrows end this far from the middle of a lane, so that dots and bars do not hide the head. */
const INSET = { server: 4, client: 9, service: 4 } as const;

/** Of how many arrows one is drawn. */
export function addArrows(making: Making): number {
  const { layout, frame, highlights } = making;
  const { arrows } = layout;
  const found = arrows.spans.within(frame.from, frame.to);
  const bright: number[] = [];
  const dim: number[] = [];
  for (const at of found) {
    const to = arrows.to[at] as number;
    const from = arrows.from[at] as number;
    const isDim = isDimmed(highlights, from) || (to !== NONE && isDimmed(highlights, to));
    (isDim ? dim : bright).push(at);
  }
  const hasTexts = bright.length * PIXELS_FOR_TEXT <= frame.width;
  const step = strideOf(bright.length, MOST_BRIGHT);
  for (let at = 0; at < dim.length; at += strideOf(dim.length, MOST_DIM)) {
    addArrow(making, dim[at] as number, { isDim: true, hasText: false });
  }
  for (let at = 0; at < bright.length; at += step) {
    addArrow(making, bright[at] as number, { isDim: false, hasText: hasTexts });
  }
  return step;
}

function strideOf(count: number, most: number): number {
  return Math.max(1, Math.ceil(count / most));
}

interface Look {
  readonly isDim: boolean;
  readonly hasText: boolean;
}

interface Ends {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

function addArrow(making: Making, at: number, { isDim, hasText }: Look): void {
  const { layout, frame, batches } = making;
  const send = layout.arrows.from[at] as number;
  const arrival = layout.arrows.to[at] as number;
  const ends = findEnds(layout, frame, at);
  if (ends === undefined) return;
  const event = layout.model.events[send] as TraceEvent & { event: 'send' };
  const style = styleOf(making, send, arrival);
  const { x0, y0, x1, y1 } = ends;
  if (Math.max(y0, y1) < frame.ruler || Math.min(y0, y1) > frame.height) return;
  batches.add(style, isDim, x0, y0, x1, y1);
  if (style === 'lost') batches.add('lostEnd', isDim, x1, y1);
  else if (style !== 'open') {
    batches.add(`${style}Head`, isDim, x1, y1, Math.atan2(y1 - y0, x1 - x0));
  }
  if (hasText) addText(making, showText(event.method), ends);
}

function styleOf({ layout: { model } }: Making, send: number, arrival: number) {
  if (arrival === NONE) return 'open' satisfies Style;
  if (model.kind[arrival] === KIND.drop) return 'lost' satisfies Style;
  const event = model.events[arrival] as TraceEvent & { event: 'receive' };
  if (event.late === true) return 'late' satisfies Style;
  return model.requestOf[send] === NONE ? ('request' satisfies Style) : ('reply' satisfies Style);
}

/** Where an arrow is drawn; undefined if one of its lanes is hidden. */
export function findEnds(layout: Layout, frame: Frame, at: number): Ends | undefined {
  const { model, arrows, rowOfLane } = layout;
  const send = arrows.from[at] as number;
  const arrival = arrows.to[at] as number;
  const event = model.events[send] as TraceEvent & { event: 'send' };
  const target = model.laneByNode.get(event.to) ?? NONE;
  const [fromRow, toRow] = [rowOfLane[model.lane[send] as number], rowOfLane[target]];
  if (fromRow === undefined || fromRow === NONE || toRow === undefined || toRow === NONE) {
    return undefined;
  }
  const x0 = toPixel(frame, arrows.spans.from[at] as number);
  const x1 = toPixel(frame, arrows.spans.to[at] as number);
  const y0 = toY(frame, fromRow);
  const y1 = toY(frame, toRow);
  if (arrival === NONE) return { x0, y0, x1: Math.min(x1, x0 + 30), y1: y0 + (y1 - y0) * 0.3 };
  if (model.kind[arrival] === KIND.drop) {
    return { x0, y0, x1: Math.max(x1, x0 + 4), y1: y0 + (y1 - y0) * 0.55 };
  }
  const role = model.lanes[target]?.role ?? 'server';
  return shorten({ x0, y0, x1, y1 }, INSET[role]);
}

/** The arrow without its last pixels, measured from top to bottom. */
function shorten({ x0, y0, x1, y1 }: Ends, inset: number): Ends {
  const height = Math.abs(y1 - y0);
  if (height <= inset) return { x0, y0, x1, y1 };
  const share = 1 - inset / height;
  return { x0, y0, x1: x0 + (x1 - x0) * share, y1: y0 + (y1 - y0) * share };
}

/** Beside the middle of the arrow, or nearer to one of its ends. */
function addText({ texts, room, frame }: Making, text: string, { x0, y0, x1, y1 }: Ends): void {
  const width = widthOf(text);
  if (Math.abs(y1 - y0) < TEXT_HEIGHT) return;
  for (const share of SHARES) {
    const y = y0 + (y1 - y0) * share;
    if (isOnLane(frame, y)) continue;
    const x = x0 + (x1 - x0) * share - width / 2;
    if (x < frame.gutter || x + width > frame.width || !room.take(x, y, width)) continue;
    texts.push({ style: 'label', isDim: false, x, y, text });
    return;
  }
}

function isOnLane({ ruler, top, laneHeight }: Frame, y: number): boolean {
  const within = (y - ruler + top) % laneHeight;
  return Math.abs(within - laneHeight / 2) < TEXT_HEIGHT * 0.6;
}

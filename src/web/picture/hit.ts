// What lies at a point of a diagram.
import { type Frame, toPixel, toPlace, toRow, toY } from './frame.ts';
import type { Layout } from './layout.ts';
import { NONE } from './model.ts';
import { isRead } from './operationText.ts';
import { findEnds } from './sceneArrows.ts';
import { BAR_HEIGHT } from './sceneBars.ts';
import { countBelow } from './spans.ts';

const EVENT_REACH = 7;
const ARROW_REACH = 5;
/** Where messages are too dense to be told apart, none is picked. */
const MOST_ARROWS = 4000;

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** An operation by its index in the history, or else an event. */
export interface Hit {
  readonly event: number;
  readonly operation?: number;
}

/** Events come before bars, bars before arrows: an arrow stands for its sending. */
export function findAt(layout: Layout, frame: Frame, point: Point): Hit | undefined {
  if (point.y < frame.ruler || point.x < frame.gutter) return undefined;
  return (
    findEvent(layout, frame, point) ??
    findBar(layout, frame, point) ??
    findArrow(layout, frame, point)
  );
}

function findEvent(layout: Layout, frame: Frame, { x, y }: Point): Hit | undefined {
  const row = toRow(frame, y);
  const events = layout.rows[row];
  if (events === undefined || Math.abs(y - toY(frame, row)) > EVENT_REACH) return undefined;
  const at = countBelow(events.x, toPlace(frame, x));
  let found: Hit | undefined;
  let best = EVENT_REACH;
  for (const near of [at - 1, at]) {
    const event = events.events[near];
    if (event === undefined) continue;
    const distance = Math.abs(toPixel(frame, events.x[near] as number) - x);
    if (distance > best) continue;
    best = distance;
    found = { event };
  }
  return found;
}

function findBar({ model, bars, rows }: Layout, frame: Frame, { x, y }: Point): Hit | undefined {
  const row = toRow(frame, y);
  const lane = rows[row]?.lane;
  if (lane === undefined || Math.abs(y - toY(frame, row)) > BAR_HEIGHT / 2) return undefined;
  const place = toPlace(frame, x);
  const slack = (4 * (frame.to - frame.from)) / (frame.width - frame.gutter);
  for (const at of bars.spans.within(place - slack, place)) {
    const operation = bars.operation[at] as number;
    if (model.laneByNode.get(model.history[operation]?.session ?? 'master') !== lane) continue;
    const event = mainEvent({ model }, operation);
    if (event !== NONE) return { event, operation };
  }
  return undefined;
}

/**
 * What an operation is selected by: of a read its answer, before which is all that it could see; of
 * a write its call, after which is all that it could change.
 */
export function mainEvent({ model }: Pick<Layout, 'model'>, operation: number): number {
  const { begin, end } = model.operations;
  const [first, last] = [begin[operation] ?? NONE, end[operation] ?? NONE];
  const own = model.history[operation];
  return own !== undefined && isRead(own) && last !== NONE ? last : first;
}

function findArrow(layout: Layout, frame: Frame, { x, y }: Point): Hit | undefined {
  const { arrows } = layout;
  const place = toPlace(frame, x);
  const slack = (ARROW_REACH * (frame.to - frame.from)) / (frame.width - frame.gutter);
  const near = arrows.spans.within(place - slack, place + slack);
  if (near.length > MOST_ARROWS) return undefined;
  let found: Hit | undefined;
  let best = ARROW_REACH;
  for (const at of near) {
    const ends = findEnds(layout, frame, at);
    if (ends === undefined) continue;
    const { x0, y0, x1, y1 } = ends;
    const distance = distanceTo({ x, y }, [
      { x: x0, y: y0 },
      { x: x1, y: y1 },
    ]);
    if (distance > best) continue;
    best = distance;
    found = { event: arrows.from[at] as number };
  }
  return found;
}

/** From a point to a stretch between two others. */
function distanceTo(point: Point, [a, b]: readonly [Point, Point]): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : ((point.x - a.x) * dx + (point.y - a.y) * dy) / length;
  const share = Math.max(0, Math.min(1, along));
  return Math.hypot(point.x - a.x - share * dx, point.y - a.y - share * dy);
}

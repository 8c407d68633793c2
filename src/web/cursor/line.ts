// The line of a link between two circles, and points on it.
import type { Point } from './circle.ts';

export interface Segment {
  readonly from: Point;
  readonly to: Point;
}

/** Between the edges of two circles of that radius. */
export function between(a: Point, b: Point, radius: number): Segment {
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  if (length <= 2 * radius) return { from: a, to: b };
  return {
    from: along({ from: a, to: b }, radius / length),
    to: along({ from: b, to: a }, radius / length),
  };
}

/** The point at a part of the line, from 0 to 1. */
export function along({ from, to }: Segment, share: number): Point {
  return {
    x: round(from.x + (to.x - from.x) * share),
    y: round(from.y + (to.y - from.y) * share),
  };
}

/** A short bar across the line at a part of it. */
export function across(line: Segment, share: number, half: number): Segment {
  const { x, y } = along(line, share);
  const length = Math.hypot(line.to.x - line.from.x, line.to.y - line.from.y) || 1;
  const [dx, dy] = [(line.to.y - line.from.y) / length, (line.from.x - line.to.x) / length];
  return {
    from: { x: round(x + dx * half), y: round(y + dy * half) },
    to: { x: round(x - dx * half), y: round(y - dy * half) },
  };
}

/** The corners of a strip along the line, so wide on either side. */
export function strip(line: Segment, half: number): string {
  const [begin, end] = [across(line, 0, half), across(line, 1, half)];
  return [begin.from, end.from, end.to, begin.to].map(({ x, y }) => `${x},${y}`).join(' ');
}

/** The corners of an arrow head whose tip is at the end of the line. */
export function arrowHead(line: Segment, size: number): string {
  const length = Math.hypot(line.to.x - line.from.x, line.to.y - line.from.y) || 1;
  const base = across(line, 1 - size / length, size * 0.45);
  return [line.to, base.from, base.to].map(({ x, y }) => `${x},${y}`).join(' ');
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

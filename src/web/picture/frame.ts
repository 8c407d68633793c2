// The part of a diagram that is looked at, and where its places come to lie in pixels.

/** A stretch of places from left to right. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Where things are drawn. Pixels are those of CSS. */
export interface Frame extends Window {
  readonly width: number;
  readonly height: number;
  /** The width of the lanes' names. */
  readonly gutter: number;
  /** The height of the time line above the lanes. */
  readonly ruler: number;
  readonly laneHeight: number;
  /** How far the lanes are scrolled. */
  readonly top: number;
}

/** Room on both sides of the whole, as a share of it. */
const MARGIN = 0.015;

export function fitAll(width: number): Window {
  const margin = Math.max(width, 1) * MARGIN;
  return { from: -margin, to: Math.max(width, 1) + margin };
}

/** The window within the whole: as wide as it was if that is possible. */
export function clampWindow(window: Window, width: number, least: number): Window {
  const all = fitAll(width);
  const span = Math.min(Math.max(window.to - window.from, least), all.to - all.from);
  const from = Math.min(Math.max(window.from, all.from), all.to - span);
  return { from, to: from + span };
}

/** Above 1 more is seen. The place `anchor` stays where it is. */
export function zoom({ from, to }: Window, factor: number, anchor: number): Window {
  return { from: anchor - (anchor - from) * factor, to: anchor + (to - anchor) * factor };
}

export function pan({ from, to }: Window, by: number): Window {
  return { from: from + by, to: to + by };
}

/** Moves the window as little as needed to have a place well inside. */
export function reveal(window: Window, place: number): Window {
  const inset = (window.to - window.from) * 0.08;
  if (place < window.from + inset) return pan(window, place - window.from - inset);
  if (place > window.to - inset) return pan(window, place - window.to + inset);
  return window;
}

export function toPixel(frame: Frame, place: number): number {
  const share = (place - frame.from) / (frame.to - frame.from);
  return frame.gutter + share * (frame.width - frame.gutter);
}

export function toPlace(frame: Frame, pixel: number): number {
  const share = (pixel - frame.gutter) / (frame.width - frame.gutter);
  return frame.from + share * (frame.to - frame.from);
}

/** The middle of a row. */
export function toY(frame: Frame, row: number): number {
  return frame.ruler + (row + 0.5) * frame.laneHeight - frame.top;
}

export function toRow(frame: Frame, y: number): number {
  return Math.floor((y - frame.ruler + frame.top) / frame.laneHeight);
}

const LANE = { least: 30, most: 64 };

/** Rows share the room, and stay readable: many of them are scrolled. */
export function fitLaneHeight(height: number, ruler: number, rows: number): number {
  const share = (height - ruler - 8) / Math.max(rows, 1);
  return Math.max(LANE.least, Math.min(LANE.most, share));
}

// Draws a scene on a canvas.
import { type Frame, toY } from '../../picture/frame.ts';
import type { Layout } from '../../picture/layout.ts';
import {
  DIM,
  headCorners,
  PAINTS,
  type Palette,
  radiusOf,
  TEXT_COLOURS,
} from '../../picture/paint.ts';
import type { Label, Scene } from '../../picture/scene.ts';
import { type Batch, STYLES, type Style, sizeOf, type Text } from '../../picture/sceneParts.ts';
import { nameLane } from '../../picture/text.ts';

type Canvas = CanvasRenderingContext2D;

const MONO = '"DejaVu Sans Mono", "Cascadia Code", "SF Mono", Menlo, Consolas, monospace';
const FONT = `11px ${MONO}`;
const STRONG = `600 11px ${MONO}`;

export interface Picture {
  readonly layout: Layout;
  readonly frame: Frame;
  readonly scene: Scene;
  readonly palette: Palette;
  readonly isNarrow: boolean;
}

export function paint(canvas: Canvas, picture: Picture): void {
  const { frame, scene, palette } = picture;
  canvas.fillStyle = palette.panel;
  canvas.fillRect(0, 0, frame.width, frame.height);
  canvas.save();
  canvas.beginPath();
  canvas.rect(frame.gutter - 4, frame.ruler - 6, frame.width, frame.height);
  canvas.clip();
  for (const batch of scene.batches) paintBatch(canvas, batch, palette);
  canvas.setLineDash([]);
  canvas.textBaseline = 'middle';
  canvas.lineJoin = 'round';
  for (const text of scene.texts) paintText(canvas, text, palette);
  canvas.restore();
  canvas.globalAlpha = 1;
  paintRuler(canvas, picture);
  paintNames(canvas, picture);
}

function paintBatch(canvas: Canvas, { style, isDim, numbers }: Batch, palette: Palette): void {
  const { stroke, fill, alpha, width, dash } = PAINTS[style];
  canvas.globalAlpha = alpha * (isDim ? DIM : 1);
  canvas.setLineDash(dash === undefined ? [] : [...dash]);
  canvas.lineWidth = width;
  canvas.beginPath();
  const size = sizeOf(STYLES[style]);
  for (let at = 0; at < numbers.length; at += size) trace(canvas, style, numbers, at);
  if (fill !== undefined) {
    canvas.fillStyle = palette[fill];
    canvas.fill();
  }
  if (stroke !== undefined) {
    canvas.strokeStyle = palette[stroke];
    canvas.stroke();
  }
}

/** Adds one thing to the path. */
function trace(canvas: Canvas, style: Style, numbers: readonly number[], at: number): void {
  const [a = 0, b = 0, c = 0, d = 0] = [
    numbers[at],
    numbers[at + 1],
    numbers[at + 2],
    numbers[at + 3],
  ];
  const shape = STYLES[style];
  if (shape === 'area') canvas.rect(a, b, c, d);
  else if (shape === 'box') canvas.roundRect(a, b, c, d, Math.min(3, c / 2));
  else if (shape === 'stroke' || shape === 'dashes' || shape === 'dots') {
    canvas.moveTo(a, b);
    canvas.lineTo(c, d);
  } else if (shape === 'head') traceHead(canvas, headCorners(a, b, c));
  else tracePoint(canvas, style, a, b);
}

function traceHead(
  canvas: Canvas,
  [x0 = 0, y0 = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0]: readonly number[],
) {
  canvas.moveTo(x0, y0);
  canvas.lineTo(x1, y1);
  canvas.lineTo(x2, y2);
  canvas.closePath();
}

function tracePoint(canvas: Canvas, style: Style, x: number, y: number): void {
  const radius = radiusOf(style);
  const shape = STYLES[style];
  if (shape === 'dot' || shape === 'ring') {
    canvas.moveTo(x + radius, y);
    canvas.arc(x, y, radius, 0, 2 * Math.PI);
  } else if (shape === 'bar') {
    canvas.moveTo(x, y - radius);
    canvas.lineTo(x, y + radius);
  } else if (shape === 'cross') {
    canvas.moveTo(x - radius, y - radius);
    canvas.lineTo(x + radius, y + radius);
    canvas.moveTo(x - radius, y + radius);
    canvas.lineTo(x + radius, y - radius);
  } else {
    canvas.moveTo(x, y - radius);
    canvas.lineTo(x + radius, y);
    canvas.lineTo(x, y + radius);
    canvas.lineTo(x - radius, y);
    canvas.closePath();
  }
}

/** With a border in the ground's colour, so that it can be read across lines. */
function paintText(canvas: Canvas, { style, isDim, x, y, text }: Text, palette: Palette): void {
  canvas.font = style === 'witnessText' ? STRONG : FONT;
  canvas.globalAlpha = isDim ? DIM * 2 : 1;
  if (style !== 'bar') {
    canvas.strokeStyle = palette.panel;
    canvas.lineWidth = 3.5;
    canvas.strokeText(text, x, y);
  }
  canvas.fillStyle = palette[TEXT_COLOURS[style]];
  canvas.fillText(text, x, y);
}

function paintRuler(canvas: Canvas, { frame, scene, palette }: Picture): void {
  canvas.fillStyle = palette.panel;
  canvas.fillRect(0, 0, frame.width, frame.ruler - 6);
  canvas.font = FONT;
  canvas.textBaseline = 'middle';
  canvas.strokeStyle = palette.rule;
  canvas.lineWidth = 1;
  canvas.beginPath();
  canvas.moveTo(frame.gutter, frame.ruler - 6.5);
  canvas.lineTo(frame.width, frame.ruler - 6.5);
  for (const { x } of scene.ticks) {
    canvas.moveTo(Math.round(x) + 0.5, 2);
    canvas.lineTo(Math.round(x) + 0.5, frame.ruler - 6);
  }
  canvas.stroke();
  canvas.fillStyle = palette.muted;
  for (const { x, text } of scene.ticks) canvas.fillText(text, x + 4, 9);
  for (const gap of scene.gaps) paintGap(canvas, gap, { frame, palette });
}

/** Two slashes where time is shortened, and how long it was. */
function paintGap(
  canvas: Canvas,
  { x, text }: Label,
  { frame, palette }: Pick<Picture, 'frame' | 'palette'>,
): void {
  const y = frame.ruler - 6;
  const half = canvas.measureText(text).width / 2 + 10;
  canvas.fillStyle = palette.panel;
  canvas.fillRect(x - half, 0, 2 * half, y + 6);
  canvas.strokeStyle = palette.warn;
  canvas.lineWidth = 1.25;
  canvas.beginPath();
  for (const side of [x - half + 3, x + half - 3]) {
    canvas.moveTo(side - 2, y + 5);
    canvas.lineTo(side + 2, y - 11);
  }
  canvas.stroke();
  canvas.fillStyle = palette.warn;
  canvas.fillText(text, x - half + 10, 9);
}

function paintNames(canvas: Canvas, { layout, frame, palette, isNarrow }: Picture): void {
  canvas.fillStyle = palette.panel;
  canvas.fillRect(0, 0, frame.gutter - 4, frame.height);
  canvas.save();
  canvas.beginPath();
  canvas.rect(0, frame.ruler - 6, frame.gutter, frame.height);
  canvas.clip();
  canvas.font = FONT;
  for (const [row, { lane }] of layout.rows.entries()) {
    const own = layout.model.lanes[lane];
    const y = toY(frame, row);
    if (own === undefined || y < -20 || y > frame.height + 20) continue;
    paintRole(canvas, own.role, y, palette);
    canvas.fillStyle = palette.ink;
    canvas.fillText(isNarrow ? String(own.node) : nameLane(own), 24, y);
  }
  canvas.restore();
}

/**
 * A circle for a server and a square for a client, as in the topology; a diamond for the service.
 */
function paintRole(canvas: Canvas, role: string, y: number, palette: Palette): void {
  canvas.beginPath();
  if (role === 'server') canvas.arc(13.5, y, 4.5, 0, 2 * Math.PI);
  else if (role === 'client') canvas.roundRect(9, y - 4.5, 9, 9, 2);
  else tracePoint(canvas, 'note', 13.5, y);
  canvas.fillStyle = palette['accent-soft'];
  canvas.fill();
  canvas.strokeStyle = palette.accent;
  canvas.lineWidth = 1.5;
  canvas.stroke();
}

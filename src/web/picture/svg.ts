// The visible part of a diagram as an SVG file.
import { type Frame, toY } from './frame.ts';
import type { Layout } from './layout.ts';
import type { Highlights } from './making.ts';
import { DIM, headCorners, LIGHT, PAINTS, radiusOf, TEXT_COLOURS } from './paint.ts';
import { type Scene, toScene } from './scene.ts';
import { type Batch, STYLES, sizeOf, type Text } from './sceneParts.ts';
import { nameLane } from './text.ts';

/** More is no picture any more, and slow wherever it is opened. */
const MOST_ELEMENTS = 1000;
const FONT = "11px ui-monospace, 'DejaVu Sans Mono', monospace";

/** What `frame` shows. A picture that would have too many elements is cut, and says so. */
export function toSvg(layout: Layout, frame: Frame, highlights: Highlights = {}): string {
  const scene = toScene(layout, frame, highlights);
  const fixed = [...laneNames(layout, frame), ...rulerTexts(scene, frame)];
  const texts = scene.texts.map(textElement);
  const shapes = scene.batches.flatMap(shapeElements);
  const room = Math.max(0, MOST_ELEMENTS - 5 - fixed.length);
  const drawn = [...shapes, ...texts].slice(0, room);
  const left = shapes.length + texts.length - drawn.length;
  const height = Math.max(frame.height, 1);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${round(frame.width)}" ` +
      `height="${round(height)}" viewBox="0 0 ${round(frame.width)} ${round(height)}">`,
    `<rect width="100%" height="100%" fill="${LIGHT.panel}"/>`,
    ...drawn,
    `<rect width="${frame.gutter}" height="100%" fill="${LIGHT.panel}"/>`,
    `<rect width="100%" height="${frame.ruler}" fill="${LIGHT.panel}"/>`,
    ...fixed,
    ...cutNotes(scene, frame, left),
    '</svg>\n',
  ].join('\n');
}

function cutNotes({ oneOf }: Scene, frame: Frame, left: number): string[] {
  const notes: string[] = [];
  if (left > 0) notes.push(`${left} elements left out`);
  if (oneOf > 1) notes.push(`one message of ${oneOf} drawn`);
  if (notes.length === 0) return [];
  return [textAt(frame.gutter + 4, frame.height - 8, notes.join(', '), LIGHT.bad)];
}

function laneNames(layout: Layout, frame: Frame): string[] {
  return layout.rows.flatMap(({ lane }, row) => {
    const y = toY(frame, row);
    const own = layout.model.lanes[lane];
    if (own === undefined || y < frame.ruler || y > frame.height) return [];
    return [textAt(8, y, nameLane(own), LIGHT.ink)];
  });
}

function rulerTexts({ ticks, gaps }: Scene, frame: Frame): string[] {
  const y = frame.ruler / 2;
  return [
    ...ticks.map(({ x, text }) => textAt(x + 3, y, text, LIGHT.muted)),
    ...gaps.map(({ x, text }) => textAt(x, y + 10, `≈ ${text}`, LIGHT.warn)),
  ];
}

function textElement({ style, isDim, x, y, text }: Text): string {
  return textAt(x, y, text, LIGHT[TEXT_COLOURS[style]], isDim ? DIM : 1);
}

function textAt(x: number, y: number, text: string, fill: string, opacity = 1): string {
  const faint = opacity === 1 ? '' : ` opacity="${opacity}"`;
  return (
    `<text x="${round(x)}" y="${round(y)}" dominant-baseline="central" style="font: ${FONT}" ` +
    `fill="${fill}"${faint}>${escapeMarkup(text)}</text>`
  );
}

function shapeElements({ style, isDim, numbers }: Batch): string[] {
  const shape = STYLES[style];
  const { stroke, fill, alpha, width, dash } = PAINTS[style];
  const look = [
    `fill="${fill === undefined ? 'none' : LIGHT[fill]}"`,
    ...(stroke === undefined ? [] : [`stroke="${LIGHT[stroke]}" stroke-width="${width}"`]),
    ...(dash === undefined ? [] : [`stroke-dasharray="${dash.join(' ')}"`]),
    `opacity="${alpha * (isDim ? DIM : 1)}"`,
  ].join(' ');
  const elements: string[] = [];
  const size = sizeOf(shape);
  for (let at = 0; at < numbers.length; at += size) {
    const own = numbers.slice(at, at + size);
    elements.push(`<${outline(style, own)} ${look}/>`);
  }
  return elements;
}

/** The element's name and the attributes of its form. */
function outline(style: Batch['style'], numbers: readonly number[]): string {
  const [a = 0, b = 0, c = 0, d = 0] = numbers;
  const r = radiusOf(style);
  switch (STYLES[style]) {
    case 'area':
    case 'box':
      return (
        `rect x="${round(a)}" y="${round(b)}" width="${round(c)}" height="${round(d)}"` +
        (STYLES[style] === 'box' ? ' rx="3"' : '')
      );
    case 'head':
      return `polygon points="${headCorners(a, b, c).map(round).join(' ')}"`;
    case 'dot':
    case 'ring':
      return `circle cx="${round(a)}" cy="${round(b)}" r="${r}"`;
    case 'cross':
      return (
        `path d="M${round(a - r)} ${round(b - r)}l${2 * r} ${2 * r}` +
        `m0 ${-2 * r}l${-2 * r} ${2 * r}"`
      );
    case 'diamond':
      return `path d="M${round(a)} ${round(b - r)}l${r} ${r}l${-r} ${r}l${-r} ${-r}z"`;
    case 'bar':
      return `path d="M${round(a)} ${round(b - r)}v${2 * r}"`;
    default:
      return `path d="M${round(a)} ${round(b)}L${round(c)} ${round(d)}"`;
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeMarkup(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

// What all plots have: a title, a legend, axes with ticks and units, and the area between them.
import { type Element, element } from './element.ts';
import { classOf, dashOf, expectation, hatch, mark, round } from './marks.ts';
import type { Scale } from './scale.ts';

export interface Axis {
  readonly label: string;
  /** Beside the label, in brackets. */
  readonly unit?: string;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const USUAL_SIZE: Size = { width: 480, height: 320 };

/** An entry of the legend. */
export interface Entry {
  readonly name: string;
  readonly look: number;
  readonly kind: 'line' | 'points' | 'area' | 'bar' | 'mark' | 'range';
}

export interface FrameSpec {
  readonly title: string;
  /** What the plot shows, for those who do not see it. */
  readonly description: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly xScale: Scale;
  readonly yScale: Scale;
  readonly entries: readonly Entry[];
  readonly size: Size;
  /** Whether values of x are no categories, so that they have lines of the grid. */
  readonly hasXGrid: boolean;
}

/** The area in which values are drawn. */
export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  x(value: number): number;
  y(value: number): number;
}

const ROW = 18;
const TITLE = 22;
const LABEL = 30;
const SAMPLE = 26;
const GAP = 16;

/** An SVG with `draw`'s elements in its area. */
export function frame(spec: FrameSpec, draw: (area: Area) => readonly Element[]): Element {
  const { title, description, size, entries } = spec;
  const rows = layLegend(entries, size.width);
  const legendRows = rows.length === 0 ? 0 : Math.max(...rows.map(({ row }) => row)) + 1;
  const area = areaOf(spec, TITLE + legendRows * ROW + LABEL);
  return element(
    'svg',
    {
      class: 'plot',
      role: 'img',
      'aria-label': `${title}. ${description}`,
      viewBox: `0 0 ${size.width} ${size.height}`,
      ...size,
    },
    element('text', { class: 'plot-title', x: 0, y: 14 }, title),
    ...rows.map(({ entry, x, row }) => legendEntry(entry, x, TITLE + row * ROW)),
    ...axes(spec, area),
    ...draw(area),
  );
}

export function tellAxis({ label, unit }: Axis): string {
  return unit === undefined ? label : `${label} (${unit})`;
}

/** What a plot shows, for those who do not see it. */
export function describe(x: Axis, y: Axis, series: readonly { readonly name: string }[]): string {
  return `${tellAxis(y)} over ${tellAxis(x)}, for ${series.map(({ name }) => name).join('; ')}`;
}

function areaOf({ size, yScale, xScale }: FrameSpec, top: number): Area {
  const left = Math.round(Math.max(...yScale.ticks.map(({ text }) => widthOf(text))) + 12);
  const right = size.width - 12;
  const bottom = size.height - 42;
  return {
    ...{ left, right, top, bottom },
    x: (value) => round(left + xScale.share(value) * (right - left)),
    y: (value) => round(bottom - yScale.share(value) * (bottom - top)),
  };
}

function axes(spec: FrameSpec, area: Area): Element[] {
  const { left, right, top, bottom } = area;
  const line = (kind: string, x1: number, y1: number, x2: number, y2: number): Element =>
    element('line', { class: kind, x1, y1, x2, y2 });
  const ys = spec.yScale.ticks.flatMap(({ value, text }) => [
    line('plot-grid', left, area.y(value), right, area.y(value)),
    element('text', { class: 'plot-tick plot-end', x: left - 6, y: area.y(value) + 4 }, text),
  ]);
  const xs = spec.xScale.ticks.flatMap(({ value, text }) => {
    const x = area.x(value);
    return [
      ...(spec.hasXGrid ? [line('plot-grid', x, top, x, bottom)] : []),
      line('plot-axis', x, bottom, x, bottom + 4),
      element('text', { class: 'plot-tick plot-middle', x, y: bottom + 17 }, text),
    ];
  });
  const middle = (left + right) / 2;
  return [
    ...ys,
    ...xs,
    line('plot-axis', left, bottom, right, bottom),
    element('text', { class: 'plot-label', x: 0, y: top - 13 }, tellAxis(spec.y)),
    element(
      'text',
      { class: 'plot-label plot-middle', x: middle, y: bottom + 35 },
      tellAxis(spec.x),
    ),
  ];
}

interface Placed {
  readonly entry: Entry;
  readonly x: number;
  readonly row: number;
}

/** An estimate of how wide a text is, in pixels, in the widest of the usual fonts. */
export function widthOf(text: string): number {
  const narrow = text.match(/[ .,:;'()|ilIjft]/g)?.length ?? 0;
  const wide = text.match(/[A-Z=%<>+@mw]/g)?.length ?? 0;
  return 4.4 * narrow + 9 * wide + 7.5 * (text.length - narrow - wide);
}

/** In rows from left to right. */
function layLegend(entries: readonly Entry[], width: number): Placed[] {
  let [x, row] = [0, 0];
  return entries.map((entry) => {
    const wide = SAMPLE + widthOf(entry.name) + GAP;
    if (x > 0 && x + wide - GAP > width) {
      row += 1;
      x = 0;
    }
    const placed = { entry, x, row };
    x += wide;
    return placed;
  });
}

function legendEntry({ name, look, kind }: Entry, x: number, y: number): Element {
  const [middle, end] = [y + 8, x + SAMPLE - 6];
  const line = element('line', {
    ...{ class: 'plot-line', x1: x, y1: middle, x2: end, y2: middle },
    'stroke-dasharray': dashOf(look),
  });
  const box = { x: x + 2, y: y + 2, width: SAMPLE - 12, height: 11 };
  const center = (x + end) / 2;
  const samples: Readonly<Record<Entry['kind'], readonly Element[]>> = {
    line: [line, mark(look, center, middle)],
    points: [mark(look, center, middle, true)],
    mark: [mark(look, center, middle)],
    area: [element('rect', { class: 'plot-area', ...box }), line],
    bar: [element('rect', { class: 'plot-bar', ...box }), ...hatch(look, box)],
    range: expectation(center, y + 1, middle, y + 15),
  };
  return element(
    'g',
    { class: classOf(look) },
    ...samples[kind],
    element('text', { class: 'plot-entry', x: x + SAMPLE, y: y + 12 }, name),
  );
}

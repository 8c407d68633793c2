// Plots of values over x: lines with marks, single points, curves, and steps with an area below.
import type { Table } from '../../evaluate/table.ts';
import { type Element, element } from './element.ts';
import {
  type Area,
  type Axis,
  describe,
  type Entry,
  frame,
  type Size,
  tellAxis,
  USUAL_SIZE,
} from './frame.ts';
import { classOf, dashOf, mark, round } from './marks.ts';
import { categoryScale, linearScale, logScale, type Scale } from './scale.ts';

export interface Point {
  readonly x: number;
  /** Null where there is no value: a line has a gap there. */
  readonly y: number | null;
}

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  /** `line` if absent. Steps, with a line or without, go from each point to the x of the next. */
  readonly kind?: 'line' | 'points' | 'curve' | 'steps' | 'shade';
  /** The number of its colour, marks and dashes; its own place if absent. */
  readonly look?: number;
  /** Not in the legend, because another series of the same look stands for it. */
  readonly isUnlisted?: boolean;
}

export interface LinePlot {
  readonly title: string;
  /** Texts for x = 0, 1, 2 and so on; x is a number without them. */
  readonly x: Axis & { readonly categories?: readonly string[] };
  /** `least` and `most` are part of the axis, whatever the values are. */
  readonly y: Axis & { readonly isLog?: boolean; readonly least?: number; readonly most?: number };
  readonly series: readonly Series[];
  readonly size?: Size;
}

export function drawLines(plot: LinePlot): Element {
  const { title, x, y, series, size = USUAL_SIZE } = plot;
  const listed = series.filter(({ isUnlisted }) => isUnlisted !== true);
  const entries = listed.map((one): Entry => {
    const kind = one.kind === 'line' || one.kind === undefined ? 'line' : 'area';
    return {
      name: one.name,
      look: lookOf(plot, one),
      kind: one.kind === 'points' ? 'points' : kind,
    };
  });
  return frame(
    {
      ...{ title, x, y, size, entries },
      description: describe(x, y, listed),
      xScale: xScaleOf(plot),
      yScale: yScaleOf(plot),
      hasXGrid: x.categories === undefined,
    },
    (area) => series.map((one) => drawSeries(one, lookOf(plot, one), area)),
  );
}

function lookOf({ series }: LinePlot, one: Series): number {
  return one.look ?? series.indexOf(one);
}

function xScaleOf({ x, series, size = USUAL_SIZE }: LinePlot): Scale {
  if (x.categories !== undefined) return categoryScale(x.categories);
  const all = series.flatMap(({ points }) => points.map((point) => point.x));
  return linearScale(leastOf(all), mostOf(all), Math.max(3, Math.round(size.width / 75)));
}

function yScaleOf({ y, series }: LinePlot): Scale {
  const all = series.flatMap(({ points }) => points.flatMap((point) => point.y ?? []));
  const [least, most] = [
    leastOf([...all, y.least ?? Infinity]),
    mostOf([...all, y.most ?? -Infinity]),
  ];
  if (y.isLog !== true) return linearScale(Math.min(y.least ?? 0, least), most);
  const positive = all.filter((value) => value > 0);
  return logScale(leastOf(positive), mostOf(positive));
}

/** Of any number of values; 0 and 1 stand for none. */
function leastOf(values: readonly number[]): number {
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  return Number.isFinite(least) ? least : 0;
}

function mostOf(values: readonly number[]): number {
  const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return Number.isFinite(most) ? most : 1;
}

function drawSeries({ points, kind = 'line' }: Series, look: number, area: Area): Element {
  const placed = points.map(({ x, y }) => (y === null ? null : { x: area.x(x), y: area.y(y) }));
  const known = placed.filter((point) => point !== null);
  const path = pathOf(placed, kind === 'steps' || kind === 'shade');
  const line = element('path', {
    ...{ class: 'plot-line', d: path },
    'stroke-dasharray': dashOf(look),
  });
  const marks = known.map(({ x, y }) => mark(look, x, y, kind === 'points'));
  const below = (): Element => {
    const [first, last] = [known[0]?.x ?? area.left, known.at(-1)?.x ?? area.left];
    return element('path', {
      class: 'plot-area',
      d: `${path}L${round(last)} ${area.bottom}H${round(first)}Z`,
    });
  };
  const parts: Readonly<Record<NonNullable<Series['kind']>, () => readonly Element[]>> = {
    line: () => [line, ...marks],
    points: () => marks,
    curve: () => [line],
    steps: () => [below(), line],
    shade: () => [below()],
  };
  return element('g', { class: classOf(look) }, ...(path === '' ? [] : parts[kind]()));
}

/** A line begins anew after a gap. */
function pathOf(points: readonly ({ x: number; y: number } | null)[], areSteps: boolean): string {
  let isDown = false;
  return points
    .map((point) => {
      if (point === null) {
        isDown = false;
        return '';
      }
      const { x, y } = point;
      const to = areSteps && isDown ? `H${x}V${y}` : `${isDown ? 'L' : 'M'}${x} ${y}`;
      isDown = true;
      return to;
    })
    .join('');
}

/** A row for each x, a column for each series. */
export function tableOfLines({ title, x, y, series }: LinePlot, digits = 1): Table {
  const all = series.flatMap(({ points }) => points.map((point) => point.x));
  const xs = [...new Set(all)].sort((a, b) => a - b);
  const cell = (one: Series, at: number): string => {
    const value = one.points.find((point) => point.x === at)?.y;
    return value === undefined || value === null ? '-' : value.toFixed(digits);
  };
  return {
    title: `${title}: ${tellAxis(y)}`,
    heads: [tellAxis(x), ...series.map(({ name }) => name)],
    rows: xs.map((at) => [x.categories?.[at] ?? String(at), ...series.map((one) => cell(one, at))]),
  };
}

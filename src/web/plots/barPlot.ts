// Plots of bars in groups: one group for each category, one bar for each series.
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
import { type Box, classOf, expectation, hatch, round } from './marks.ts';
import { categoryScale, linearScale } from './scale.ts';

export interface Expectation {
  readonly value: number;
  readonly least: number;
  readonly most: number;
}

export interface BarSeries {
  readonly name: string;
  /** One for each category; null for none. */
  readonly values: readonly (number | null)[];
  /** One for each category, if something is expected. */
  readonly expected?: readonly Expectation[];
}

export interface BarPlot {
  readonly title: string;
  readonly x: Axis & { readonly categories: readonly string[] };
  readonly y: Axis & { readonly most?: number };
  readonly series: readonly BarSeries[];
  readonly size?: Size;
}

/** The share of a category that its bars take, and the most that one bar takes, in pixels. */
const FILLED = 0.72;
const WIDEST = 46;

export function drawBars({ title, x, y, series, size = USUAL_SIZE }: BarPlot): Element {
  const values = series.flatMap((one) => [
    ...one.values.flatMap((value) => value ?? []),
    ...(one.expected ?? []).map(({ most }) => most),
  ]);
  const entries: Entry[] = series.map(({ name }, look) => ({ name, look, kind: 'bar' }));
  if (series.some(({ expected }) => expected !== undefined)) {
    entries.push({ name: 'expected, and the range accepted', look: 0, kind: 'range' });
  }
  return frame(
    {
      ...{ title, x, y, size, entries },
      description: describe(x, y, series),
      xScale: categoryScale(x.categories),
      yScale: linearScale(0, Math.max(y.most ?? 0, ...values)),
      hasXGrid: false,
    },
    (area) => series.map((one, look) => drawSeries(one, { look, of: series.length, area })),
  );
}

interface Place {
  readonly look: number;
  /** The number of series. */
  readonly of: number;
  readonly area: Area;
}

function drawSeries({ values, expected }: BarSeries, { look, of, area }: Place): Element {
  const wide = area.x(1) - area.x(0);
  const width = Math.min(WIDEST, (FILLED * wide) / of);
  const bars = values.flatMap((value, category) => {
    const center = area.x(category) + (look - (of - 1) / 2) * width;
    const range = expected?.[category];
    return [
      ...(value === null ? [] : bar(look, boxOf(area, center, { value, width }))),
      ...(range === undefined
        ? []
        : expectation(center, area.y(range.most), area.y(range.value), area.y(range.least))),
    ];
  });
  return element('g', { class: classOf(look) }, ...bars);
}

function boxOf(
  area: Area,
  center: number,
  { value, width }: { readonly value: number; readonly width: number },
): Box {
  const y = area.y(value);
  return {
    x: round(center - width / 2 + 1),
    y,
    width: round(width - 2),
    height: round(area.bottom - y),
  };
}

function bar(look: number, box: Box): Element[] {
  return [element('rect', { class: 'plot-bar', ...box }), ...hatch(look, box)];
}

/** A row for each category, a column for each series. */
export function tableOfBars({ title, x, y, series }: BarPlot): Table {
  const tell = (value: number | null | undefined): string =>
    value === null || value === undefined ? '-' : value.toFixed(1);
  return {
    title: `${title}: ${tellAxis(y)}`,
    heads: [
      tellAxis(x),
      ...series.flatMap(({ name, expected }) => [
        name,
        ...(expected === undefined ? [] : ['expected', 'accepted']),
      ]),
    ],
    rows: x.categories.map((category, at) => [
      category,
      ...series.flatMap(({ values, expected }) => {
        const range = expected?.[at];
        const told =
          range === undefined
            ? []
            : [tell(range.value), `${tell(range.least)} to ${tell(range.most)}`];
        return [tell(values[at]), ...told];
      }),
    ]),
  };
}

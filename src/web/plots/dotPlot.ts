// Plots of several figures of each row, beside each other: percentiles of response times.
import type { Table } from '../../evaluate/table.ts';
import { type Element, element } from './element.ts';
import {
  type Axis,
  describe,
  type Entry,
  frame,
  type Size,
  tellAxis,
  USUAL_SIZE,
} from './frame.ts';
import { classOf, mark } from './marks.ts';
import { linearScale, type Scale } from './scale.ts';

export interface DotRow {
  readonly name: string;
  /** One for each figure; null for none. */
  readonly values: readonly (number | null)[];
}

export interface DotPlot {
  readonly title: string;
  readonly x: Axis;
  /** What the rows are. */
  readonly y: Axis;
  /** `p50`, `p99` and so on. */
  readonly figures: readonly string[];
  readonly rows: readonly DotRow[];
  readonly size?: Size;
}

/** Figures of a row lie below each other, so that equal ones are seen. */
const DODGE = 6;

export function drawDots({ title, x, y, figures, rows, size = USUAL_SIZE }: DotPlot): Element {
  const values = rows.flatMap((row) => row.values.flatMap((value) => value ?? []));
  const entries = figures.map((name, look): Entry => ({ name, look, kind: 'mark' }));
  return frame(
    {
      ...{ title, x, y, size, entries },
      description: `${figures.join(', ')} as ${describe(y, x, rows)}`,
      xScale: linearScale(0, Math.max(1, ...values), 6),
      yScale: rowScale(rows.map(({ name }) => name)),
      hasXGrid: true,
    },
    (area) =>
      rows.map((row, at) => {
        const known = row.values.flatMap((value) => value ?? []);
        const [least, most] = [Math.min(...known), Math.max(...known)];
        const line = { class: 'plot-span', x1: area.x(least), x2: area.x(most), y1: area.y(at) };
        const dots = row.values.flatMap((value, look) => {
          if (value === null) return [];
          const y = area.y(at) + DODGE * (look - (figures.length - 1) / 2);
          return [element('g', { class: classOf(look) }, mark(look, area.x(value), y))];
        });
        const span = known.length === 0 ? [] : [element('line', { ...line, y2: area.y(at) })];
        return element('g', {}, ...span, ...dots);
      }),
  );
}

/** The first row at the top. */
function rowScale(names: readonly string[]): Scale {
  const count = Math.max(1, names.length);
  return {
    ...{ least: 0, most: count - 1 },
    ticks: names.map((text, value) => ({ value, text })),
    share: (value) => 1 - (value + 0.5) / count,
  };
}

export function tableOfDots({ title, x, y, figures, rows }: DotPlot): Table {
  return {
    title: `${title}: ${tellAxis(x)}`,
    heads: [tellAxis(y), ...figures],
    rows: rows.map(({ name, values }) => [
      name,
      ...values.map((value) => (value === null ? '-' : value.toFixed(1))),
    ]),
  };
}

// A plot with its table, which has the same figures.
import type { Table } from '../../evaluate/table.ts';
import { type Element, element } from './element.ts';

export interface Figure {
  readonly svg: Element;
  readonly table: Table;
}

/** The table can be opened under the plot. */
export function toFigure({ svg, table }: Figure): Element {
  return element(
    'figure',
    { class: 'plot-figure' },
    svg,
    element('details', {}, element('summary', {}, 'As a table'), toTable(table)),
  );
}

/** The first column names its row. Columns of numbers are right-aligned. */
export function toTable({ title, heads, rows }: Table): Element {
  const isNumber = heads.map((_, at) => rows.every((cells) => isFigure(cells[at] ?? '')));
  const align = (at: number): Record<string, string> =>
    isNumber[at] === true ? { class: 'plot-number' } : {};
  const head = heads.map((text, at) => element('th', { scope: 'col', ...align(at) }, text));
  const body = rows.map((cells) => {
    const [first = '', ...others] = cells;
    const rest = others.map((text, at) => element('td', align(at + 1), text));
    return element('tr', {}, element('th', { scope: 'row', ...align(0) }, first), ...rest);
  });
  return element(
    'div',
    // A wide table scrolls, which must work by keyboard too.
    { class: 'plot-scroll', tabindex: 0, role: 'region', 'aria-label': title },
    element(
      'table',
      { class: 'plot-table' },
      element('caption', {}, title),
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...body),
    ),
  );
}

function isFigure(text: string): boolean {
  return /^(?:[(>]?\s?-?[\d.,]+ ?(?:%|ms)?\)?|[\d.]+ to [\d.]+|-|)$/.test(text);
}

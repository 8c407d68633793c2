// The results of an experiment as a table of text.

export interface Table {
  readonly title: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Columns are as wide as their widest cell; numbers are right-aligned. */
export function renderTable({ title, heads, rows }: Table): string[] {
  const all = [heads, ...rows];
  const widths = heads.map((_, at) => Math.max(...all.map((cells) => (cells[at] ?? '').length)));
  const isText = heads.map((_, at) => rows.some((cells) => /[a-z]/.test(cells[at] ?? '')));
  const lines = all.map((cells) =>
    cells
      .map((cell, at) => {
        const width = widths[at] ?? 0;
        return isText[at] ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
  return [title, ...lines];
}

/** One digit after the point, or a dash. */
export function tellNumber(value: number | null | undefined): string {
  return value === null || value === undefined ? '-' : value.toFixed(1);
}

export function tellPercent(share: number | null): string {
  return tellNumber(share === null ? null : 100 * share);
}

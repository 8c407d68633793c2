// Several outputs as one list of lines, each with the outputs that have it.
import { align } from './alignment.ts';
import type { PrintedLine } from './outputs.ts';

/** The rows that an output has, in their order, are that output. */
export interface Row extends PrintedLine {
  /** The indexes of the outputs that have it, ascending. */
  readonly of: readonly number[];
}

export function mergeOutputs(outputs: readonly (readonly PrintedLine[])[]): Row[] {
  let rows: readonly Row[] = [];
  for (const [index, lines] of outputs.entries()) rows = addOutput(rows, lines, index);
  return [...rows];
}

function addOutput(rows: readonly Row[], lines: readonly PrintedLine[], index: number): Row[] {
  const merged: Row[] = [];
  let [row, line] = [0, 0];
  const takeUntil = (rowEnd: number, lineEnd: number): void => {
    const own = lines.slice(line, lineEnd).map((printed) => ({ ...printed, of: [index] }));
    merged.push(...mergeByLine(rows.slice(row, rowEnd), own));
    [row, line] = [rowEnd, lineEnd];
  };
  for (const [sameRow, sameLine] of align(rows, lines, areSame)) {
    takeUntil(sameRow, sameLine);
    const shared = rows[sameRow] as Row;
    merged.push({ ...shared, of: [...shared.of, index] });
    [row, line] = [sameRow + 1, sameLine + 1];
  }
  takeUntil(rows.length, lines.length);
  return merged;
}

/** Keeps the order of both lists, and puts what one line of the script printed together. */
function mergeByLine(a: readonly Row[], b: readonly Row[]): Row[] {
  const merged: Row[] = [];
  let next = 0;
  for (const row of a) {
    while ((b[next]?.line ?? Number.POSITIVE_INFINITY) < row.line) merged.push(b[next++] as Row);
    merged.push(row);
  }
  return [...merged, ...b.slice(next)];
}

function areSame(a: PrintedLine, b: PrintedLine): boolean {
  return a.line === b.line && a.text === b.text;
}

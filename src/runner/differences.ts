// What a failed matcher shows: the lines that were expected beside those that were answered.
import { align } from '../language/golden/alignment.ts';

/** A text of the output, or what it has to match. */
export type Expected = string | RegExp;

/** A line of the output, and the script's line that printed it. */
export interface AnsweredLine {
  readonly text: string;
  readonly line?: number | undefined;
}

const MOST_CHANGES = 20;
/** So many equal lines stand before and after a change. */
const CONTEXT = 2;

export function fits(text: string, wanted: Expected): boolean {
  if (typeof wanted === 'string') return text === wanted;
  // A pattern with the flag `g` remembers where it was.
  return text.search(wanted) !== -1;
}

export function list(lines: readonly unknown[]): string {
  if (lines.length === 0) return '  nothing';
  const shown = lines.slice(0, MOST_CHANGES).map((line) => `  ${String(line)}`);
  return [...shown, ...countOthers(lines.length - shown.length)].join('\n');
}

/**
 * `-` before a line that is missing, `+` before one that is there instead, with the line of the
 * script that printed it. Of long outputs, what is around the first changes.
 */
export function showDifferences(
  wanted: readonly Expected[],
  answered: readonly AnsweredLine[],
): string {
  const rows = compare(wanted, answered);
  const changes = [...rows.keys()].filter((at) => rows[at]?.isChange);
  const shown = new Set(
    changes
      .slice(0, MOST_CHANGES)
      .flatMap((at) => Array.from({ length: 2 * CONTEXT + 1 }, (_, by) => at + by - CONTEXT)),
  );
  // Beyond the last change that is told, nothing would say that the lines are changes.
  const end = changes[MOST_CHANGES] ?? rows.length;
  const lines: string[] = [];
  let skipped = 0;
  for (const [at, { text }] of rows.slice(0, end).entries()) {
    if (!shown.has(at)) {
      skipped += 1;
      continue;
    }
    lines.push(...countEqual(skipped), text);
    skipped = 0;
  }
  const others = countOthers(changes.length - MOST_CHANGES, 'differences');
  return [...lines, ...countEqual(skipped), ...others].join('\n');
}

interface Row {
  readonly text: string;
  readonly isChange: boolean;
}

function compare(wanted: readonly Expected[], answered: readonly AnsweredLine[]): Row[] {
  const rows: Row[] = [];
  let [missing, extra] = [0, 0];
  const pairs = align(wanted, answered, (one, { text }) => fits(text, one));
  for (const [own, other] of [...pairs, [wanted.length, answered.length] as const]) {
    for (const one of wanted.slice(missing, own)) rows.push({ text: `- ${one}`, isChange: true });
    for (const { text, line } of answered.slice(extra, other)) {
      const place = line === undefined ? '' : `   (line ${line})`;
      rows.push({ text: `+ ${text}${place}`, isChange: true });
    }
    const same = answered[other];
    if (same !== undefined) rows.push({ text: `  ${same.text}`, isChange: false });
    [missing, extra] = [own + 1, other + 1];
  }
  return rows;
}

function countEqual(count: number): string[] {
  return count === 0 ? [] : [`  ... ${count} ${count === 1 ? 'line' : 'lines'} as expected`];
}

function countOthers(count: number, what = 'lines'): string[] {
  return count <= 0 ? [] : [`  ... and ${count} more ${what}`];
}

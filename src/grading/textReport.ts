// Results as text for a terminal: of one submission in full, of many as a table.
import { escapeControls } from '../language/printable.ts';
import { pointsOf, type ScriptResult, type SubmissionResult } from './result.ts';

/** One line each, without its end. `width` is that of the longest file name. */
export function reportLines({ scripts }: SubmissionResult, width: number): string[] {
  return scripts.flatMap((result) => {
    const { script, points } = result;
    const scored = `${points}/${script.points}`.padEnd(7);
    const head = `${script.file.padEnd(width)}  ${scored}  ${script.title}`.trimEnd();
    return [head, ...explanationOf(result).map((line) => `    ${line}`)].map(escapeControls);
  });
}

/** The last line: `total: 12/20`. */
export function totalLine(result: SubmissionResult): string {
  const { points, most } = pointsOf(result);
  return `total: ${points}/${most}`;
}

/** For a list of submissions: the total and the rules that were broken, in short. */
export function submissionLine(result: SubmissionResult): string {
  const faults = result.scripts.flatMap((one) => one.faults);
  const told = faults.map(({ rule, lines }) =>
    rule === 'command' ? `${rule}: ${lines[0]}` : rule,
  );
  const rules = [...new Set(told)].join(', ');
  return `${result.name}: ${totalLine(result)}${rules === '' ? '' : ` (${rules})`}`;
}

/** What a reader of a result needs to know of a script; nothing if all is right. */
export function explanationOf({ faults, notes, prefix, run }: ScriptResult): string[] {
  const told = faults.flatMap(({ rule, lines }) => [
    `${rule}: ${lines[0]}`,
    ...lines.slice(1).map((line) => `  ${line}`),
  ]);
  if (prefix !== undefined) {
    const often = prefix.isCertain ? '' : ', not every time';
    const all = prefix.line === prefix.of ? 'only the whole script fails' : undefined;
    told.push(all ?? `the first ${prefix.line} of ${prefix.of} lines still fail${often}`);
  }
  told.push(...notes.map((note) => `note: ${note}`));
  if (faults.length > 0 && run.stderr.length > 0) {
    told.push('last lines of stderr:', ...run.stderr.map((line) => `  ${line}`));
  }
  return told;
}

/** A row for each submission, and the points of each script. */
export function tableLines(results: readonly SubmissionResult[]): string[] {
  const [first] = results;
  const rows = [
    ['submission', ...(first?.scripts ?? []).map(({ script }) => script.file), 'total'],
    ...results.map((result) => {
      const { points, most } = pointsOf(result);
      const scored = result.scripts.map((one) => `${one.points}${one.isUndecided ? '?' : ''}`);
      return [result.name, ...scored, `${points}/${most}`];
    }),
  ].map((row) => row.map(escapeControls));
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  '),
  );
}

// The points of many submissions as comma-separated values (RFC 4180), for a spreadsheet.
import { pointsOf, type SubmissionResult } from '../result.ts';

export function toCsv(results: readonly SubmissionResult[]): string {
  const files = (results[0]?.scripts ?? []).map(({ script }) => script.file);
  const rows = [
    ['submission', ...files, 'total', 'most', 'undecided'],
    ...results.map((result) => {
      const { points, most } = pointsOf(result);
      const undecided = result.scripts.filter(({ isUndecided }) => isUndecided).length;
      const scored = result.scripts.map((one) => one.points);
      return [result.name, ...scored, points, most, undecided].map(String);
    }),
  ];
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** A text that a spreadsheet could take for a formula gets a quote in front. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

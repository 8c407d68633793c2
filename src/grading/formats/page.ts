// The page of one submission: a single HTML file without scripts, for its author to read.
import type { ScriptResult, SubmissionResult } from '../result.ts';
import { explanationOf, totalLine } from '../textReport.ts';
import { escapeMarkup as text } from './markup.ts';

/** More lines of an output are not shown. */
const SHOWN_LINES = 400;
/** And no more of a line. */
const SHOWN_CHARACTERS = 2_000;

const STYLE = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.3rem 0.6rem; border-bottom: 1px solid #8886; }
td:nth-child(2), th:nth-child(2) { text-align: right; white-space: nowrap; }
pre { background: #8881; padding: 0.6rem; overflow-x: auto; white-space: pre-wrap; }
h2 { margin-top: 2.5rem; }
.wrong { color: #b3261e; font-weight: 600; }
mark { background: #fbbf2466; color: inherit; }
@media (prefers-color-scheme: dark) { .wrong { color: #ff9d94; } }
`;

/** `scripts` has the text of each script, by its file. */
export function toPage(
  suite: string,
  result: SubmissionResult,
  scripts: ReadonlyMap<string, string>,
): string {
  const title = text(`${result.name}: ${suite}`);
  const rows = result.scripts.map((one, index) => {
    const name = text(one.script.file);
    const faults = one.faults.map(({ rule }) => rule).join(', ');
    const found = faults === '' ? (one.isUndecided ? 'not decided' : 'right') : faults;
    const wrong = one.faults.length > 0 ? ' class="wrong"' : '';
    const scored = `${one.points}/${one.script.points}`;
    const link = `<a href="#s${index}">${name}</a> ${text(one.script.title)}`;
    return `<tr><td>${link}</td><td>${scored}</td><td${wrong}>${text(found)}</td></tr>`;
  });
  const sections = result.scripts.map((one, index) =>
    section(one, index, scripts.get(one.script.file) ?? ''),
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${STYLE}</style>
<h1>${title}</h1>
<p><strong>${text(totalLine(result))}</strong></p>
<table>
<thead><tr><th>script</th><th>points</th><th>found</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
${sections.join('\n')}
</html>
`;
}

function section(result: ScriptResult, index: number, script: string): string {
  const { script: own, points, run, prefix } = result;
  const told = explanationOf(result).join('\n');
  const lines = script.split('\n').map((line, at) => {
    const numbered = text(`${String(at + 1).padStart(4)}  ${line}`);
    return prefix?.line === at + 1 ? `<mark>${numbered}</mark>` : numbered;
  });
  return `<h2 id="s${index}">${text(own.file)} ${points}/${own.points}</h2>
<p>${text(own.title)}</p>
${told === '' ? '<p>All answers are permitted.</p>' : `<pre>${text(told)}</pre>`}
<details${told === '' ? '' : ' open'}><summary>The script and its output</summary>
<pre>${lines.join('\n')}</pre>
<pre>${text(shorten(run.stdout))}</pre>
</details>`;
}

function shorten(output: string): string {
  const lines = output.split('\n');
  const more = lines.length - SHOWN_LINES;
  const shown = lines.slice(0, SHOWN_LINES).map(shortenLine);
  return [...shown, ...(more > 0 ? [`and ${more} more lines`] : [])].join('\n');
}

function shortenLine(line: string): string {
  const more = line.length - SHOWN_CHARACTERS;
  return more > 0 ? `${line.slice(0, SHOWN_CHARACTERS)}... and ${more} more characters` : line;
}

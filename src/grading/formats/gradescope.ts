// The file `results.json` of Gradescope, which its autograder writes to /autograder/results.
// https://gradescope-autograders.readthedocs.io/en/latest/specs/#output-format
import type { SubmissionResult } from '../result.ts';
import { explanationOf, totalLine } from '../textReport.ts';

export function toGradescope(result: SubmissionResult): string {
  const { scripts } = result;
  const seconds = scripts.reduce((sum, { run }) => sum + run.ms, 0) / 1000;
  const tests = scripts.map((one, index) => ({
    name: one.script.title === '' ? one.script.file : `${one.script.file}: ${one.script.title}`,
    number: `${index + 1}`,
    score: one.points,
    max_score: one.script.points,
    status: one.faults.length === 0 ? 'passed' : 'failed',
    output: explanationOf(one).join('\n'),
    output_format: 'text',
  }));
  const open = scripts.filter(({ isUndecided }) => isUndecided).map(({ script }) => script.file);
  const note = open.length === 0 ? [] : [`not decided, a person has to look: ${open.join(', ')}`];
  const output = [totalLine(result), ...note].join('\n');
  const top = { output, execution_time: Math.round(seconds), tests };
  return `${JSON.stringify({ ...top, stdout_visibility: 'hidden' }, null, 2)}\n`;
}

// JUnit's XML, which CI systems show: a test case for each script, a failure for each with faults.
import type { ScriptResult, SubmissionResult } from '../result.ts';
import { explanationOf } from '../textReport.ts';
import { escapeMarkup } from './markup.ts';

export function toJunit(result: SubmissionResult): string {
  const { scripts, name } = result;
  const failures = scripts.filter(({ faults }) => faults.length > 0).length;
  const seconds = (list: readonly ScriptResult[]): string =>
    (list.reduce((sum, { run }) => sum + run.ms, 0) / 1000).toFixed(3);
  const counts = `tests="${scripts.length}" failures="${failures}" errors="0" skipped="0"`;
  const suite = escapeMarkup(name);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts} time="${seconds(scripts)}">`,
    `  <testsuite name="${suite}" ${counts} time="${seconds(scripts)}">`,
    ...scripts.flatMap((one) => testCase(one, suite, seconds([one]))),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(result: ScriptResult, suite: string, seconds: string): string[] {
  const { script, points, faults } = result;
  const name = escapeMarkup(script.file);
  const head = `    <testcase classname="${suite}" name="${name}" time="${seconds}"`;
  const told = escapeMarkup(explanationOf(result).join('\n'));
  const score = `<system-out>points: ${points}/${script.points}</system-out>`;
  if (faults.length === 0) return [`${head}>${score}</testcase>`];
  const message = escapeMarkup(faults.map(({ rule }) => rule).join(', '));
  const failure = `<failure message="${message}" type="refused">${told}</failure>`;
  return [`${head}>`, `      ${failure}`, `      ${score}`, '    </testcase>'];
}

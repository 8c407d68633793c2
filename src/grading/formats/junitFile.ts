// JUnit's XML, which CI systems show: suites of test cases. There is no standard; this is what
// Jenkins, GitLab and GitHub's reporters read (https://github.com/testmoapp/junitxml).
import { escapeMarkup } from './markup.ts';

export interface JunitCase {
  readonly name: string;
  /** Absent if it was not measured. */
  readonly ms?: number;
  /** Why it did not pass; absent if it did. */
  readonly failure?: {
    readonly kind: 'failure' | 'error' | 'skipped';
    readonly message: string;
    readonly text: string;
  };
  /** Shown whether it passed or not. */
  readonly output?: string;
}

export interface JunitSuite {
  readonly name: string;
  readonly cases: readonly JunitCase[];
}

export function writeJunit(suites: readonly JunitSuite[]): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${countsOf(suites.flatMap(({ cases }) => cases))}>`,
    ...suites.flatMap(({ name, cases }) => [
      `  <testsuite name="${escapeMarkup(name)}" ${countsOf(cases)}>`,
      ...cases.flatMap((one) => linesOf(one, name)),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

function countsOf(cases: readonly JunitCase[]): string {
  const count = (kind: string): number =>
    cases.filter(({ failure }) => failure?.kind === kind).length;
  const counts = `failures="${count('failure')}" errors="${count('error')}"`;
  const ms = cases.reduce((sum, one) => sum + (one.ms ?? 0), 0);
  const time = `time="${secondsOf(ms)}"`;
  return `tests="${cases.length}" ${counts} skipped="${count('skipped')}" ${time}`;
}

const secondsOf = (ms: number): string => (ms / 1000).toFixed(3);

function linesOf({ name, ms, failure, output }: JunitCase, suite: string): string[] {
  const time = ms === undefined ? '' : ` time="${secondsOf(ms)}"`;
  const names = `classname="${escapeMarkup(suite)}" name="${escapeMarkup(name)}"`;
  const head = `    <testcase ${names}${time}`;
  const parts: string[] = [];
  if (failure !== undefined) {
    const { kind, message, text } = failure;
    parts.push(`      <${kind} message="${escapeMarkup(message)}">${escapeMarkup(text)}</${kind}>`);
  }
  if (output !== undefined) parts.push(`      <system-out>${escapeMarkup(output)}</system-out>`);
  return parts.length === 0 ? [`${head}/>`] : [`${head}>`, ...parts, '    </testcase>'];
}

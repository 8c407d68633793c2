// The results as JUnit's XML: a test case for each script, a failure for each with faults.
import type { ScriptResult, SubmissionResult } from '../result.ts';
import { explanationOf } from '../textReport.ts';
import { type JunitCase, writeJunit } from './junitFile.ts';

export function toJunit({ scripts, name }: SubmissionResult): string {
  return writeJunit([{ name, cases: scripts.map(toCase) }]);
}

function toCase(result: ScriptResult): JunitCase {
  const { script, points, faults, run } = result;
  const message = faults.map(({ rule }) => rule).join(', ');
  const text = explanationOf(result).join('\n');
  return {
    ...{ name: script.file, ms: run.ms, output: `points: ${points}/${script.points}` },
    ...(faults.length > 0 && { failure: { kind: 'failure', message, text } }),
  };
}

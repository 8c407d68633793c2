// The file `result.json` of Classroom 50, version classroom50/result/v1. Its runner gives the
// identity of the submission in environment variables, and checks the file against them.
// https://github.com/foundation50/classroom50/wiki/Advanced-Autograding
import { pointsOf, type SubmissionResult } from '../result.ts';
import { explanationOf } from '../textReport.ts';

/** The fields that identify a submission, and the variables that have them. */
const IDENTITY = [
  ['classroom', 'CLASSROOM'],
  ['assignment', 'ASSIGNMENT'],
  ['submission', 'SUBMISSION_TAG'],
  ['commit', 'COMMIT_URL'],
  ['release', 'RELEASE_URL'],
] as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** The variables that are needed and not set. */
export function missingIdentity(environment: Environment): string[] {
  return IDENTITY.flatMap(([, name]) => (environment[name] ? [] : [name]));
}

export function toClassroom50(
  result: SubmissionResult,
  environment: Environment,
  now: Date,
): string {
  const identity = IDENTITY.map(([field, name]) => [field, environment[name] ?? '']);
  const { points, most } = pointsOf(result);
  const tests = result.scripts.map((one) => ({
    'test-name': one.script.file,
    passed: one.faults.length === 0,
    score: one.points,
    'max-score': one.script.points,
    message: explanationOf(one).join('\n'),
  }));
  const file = {
    schema: 'classroom50/result/v1',
    ...Object.fromEntries(identity),
    review: environment.REVIEW_URL || environment.COMMIT_URL || '',
    datetime: now.toISOString().replace(/\.\d+Z$/, 'Z'),
    score: points,
    'max-score': most,
    tests,
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

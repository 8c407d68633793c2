// A suite: the scripts of an assignment, with points, limits and expected answers. It is a folder
// with a file `suite.json`; this reads that file's text.
import * as v from 'valibot';
import { parseDuration } from '../language/arguments.ts';
import { quote } from '../language/printable.ts';

export const SUITE_FILE = 'suite.json';

/** The word for `expect` that means the assignment itself, not a file. */
export const ORACLE = 'oracle';

export interface Limits {
  /** For one run of a script, in milliseconds. */
  readonly timeMs: number;
  /** For all processes of a run together, in MiB. */
  readonly memoryMiB: number;
  /** What one run may print on stdout. */
  readonly stdoutBytes: number;
}

export interface SuiteScript {
  /** The file, relative to the suite's folder. */
  readonly file: string;
  readonly title: string;
  readonly points: number;
  /** The files that have the permitted outputs, any of them; empty for the oracle. */
  readonly expected: readonly string[];
  readonly limits: Limits;
}

export interface Suite {
  readonly title: string;
  readonly scripts: readonly SuiteScript[];
  /** Whether a script is failed by processes that the master leaves behind. */
  readonly areOrphansFaults: boolean;
}

export const USUAL_LIMITS: Limits = { timeMs: 20_000, memoryMiB: 2_048, stdoutBytes: 4 * 2 ** 20 };

/** A suite that cannot be used: why, in words for its author. */
export class SuiteError extends Error {}

const MOST_TIME_MS = 3_600_000;

const wholeFrom = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
const timeSchema = v.pipe(
  v.string(),
  v.check((text) => parseDuration(text) >= 1 && parseDuration(text) <= MOST_TIME_MS, 'no time'),
  v.transform(parseDuration),
);
/** A name inside the folder. */
const fileSchema = v.pipe(
  v.string(),
  v.nonEmpty(),
  v.check((name) => !name.startsWith('/') && !name.split('/').includes('..'), 'not in the folder'),
);
/** `./a.txt` is `a.txt`. */
const scriptFileSchema = v.pipe(
  fileSchema,
  v.transform((name) =>
    name
      .split('/')
      .filter((part) => part !== '.' && part !== '')
      .join('/'),
  ),
  v.nonEmpty(),
);
const limitFields = {
  time: v.optional(timeSchema),
  memoryMiB: v.optional(wholeFrom(16, 1_048_576)),
  stdoutBytes: v.optional(wholeFrom(1, 2 ** 28)),
};
const scriptSchema = v.strictObject({
  script: scriptFileSchema,
  points: wholeFrom(0, 1_000_000),
  title: v.optional(v.string(), ''),
  expect: v.optional(v.union([fileSchema, v.pipe(v.array(fileSchema), v.nonEmpty())]), ORACLE),
  ...limitFields,
});
const suiteSchema = v.strictObject({
  title: v.string(),
  orphans: v.optional(v.picklist(['fail', 'report']), 'fail'),
  ...limitFields,
  scripts: v.pipe(v.array(scriptSchema), v.nonEmpty()),
});

/** Throws a SuiteError. */
export function parseSuite(text: string): Suite {
  const result = v.safeParse(suiteSchema, parseJson(text));
  if (!result.success) throw new SuiteError(`${SUITE_FILE}: ${tellIssue(result.issues[0])}`);
  const { title, orphans, scripts, ...limits } = result.output;
  const usual = limitsOf(limits, USUAL_LIMITS);
  const read = scripts.map(({ script, points, title: own, expect, ...ownLimits }): SuiteScript => {
    const expected = expect === ORACLE ? [] : [expect].flat();
    return { file: script, title: own, points, expected, limits: limitsOf(ownLimits, usual) };
  });
  const twice = read.find(({ file }, index) => read.findIndex((one) => one.file === file) < index);
  if (twice !== undefined)
    throw new SuiteError(`${SUITE_FILE}: ${quote(twice.file)} is there twice`);
  return { title, scripts: read, areOrphansFaults: orphans === 'fail' };
}

interface GivenLimits {
  readonly time?: number | undefined;
  readonly memoryMiB?: number | undefined;
  readonly stdoutBytes?: number | undefined;
}

function limitsOf({ time, memoryMiB, stdoutBytes }: GivenLimits, usual: Limits): Limits {
  return {
    timeMs: time ?? usual.timeMs,
    memoryMiB: memoryMiB ?? usual.memoryMiB,
    stdoutBytes: stdoutBytes ?? usual.stdoutBytes,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw new SuiteError(`${SUITE_FILE} is no JSON: ${(error as Error).message}`);
  }
}

const FORMS: Readonly<Record<string, string>> = {
  time: 'a time such as "10s" or "500ms", one hour at most',
  points: 'a whole number, 0 or more',
  memoryMiB: 'a whole number of MiB, 16 or more',
  stdoutBytes: 'a whole number of bytes',
  expect: '"oracle", a file of the suite, or a list of files',
  script: 'a file of the suite',
  scripts: 'a list of at least one script',
  orphans: '"fail" or "report"',
};

function tellIssue(issue: v.BaseIssue<unknown>): string {
  const keys = (issue.path ?? []).map(({ key }) => key);
  const where = keys
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
  const last = keys.findLast((key) => typeof key === 'string') as string | undefined;
  const form = last === undefined ? undefined : FORMS[last];
  const isUnknown = issue.type === 'strict_object' && issue.expected === 'never';
  if (isUnknown) return `${where} is no field of it`;
  if (issue.received === 'undefined') return `${where} is missing`;
  return form === undefined
    ? `${where || 'the file'}: ${issue.message}`
    : `${where} is not ${form}`;
}

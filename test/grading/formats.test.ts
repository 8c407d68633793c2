import { describe, expect, it } from 'vitest';
import { missingIdentity, toClassroom50 } from '../../src/grading/formats/classroom50.ts';
import { toCsv } from '../../src/grading/formats/csv.ts';
import { toGradescope } from '../../src/grading/formats/gradescope.ts';
import { toJunit } from '../../src/grading/formats/junit.ts';
import { toPage } from '../../src/grading/formats/page.ts';
import type { ScriptResult, SubmissionResult } from '../../src/grading/result.ts';
import { USUAL_LIMITS } from '../../src/grading/suite.ts';
import {
  explanationOf,
  reportLines,
  submissionLine,
  tableLines,
  totalLine,
} from '../../src/grading/textReport.ts';

const limits = USUAL_LIMITS;
const RIGHT: ScriptResult = {
  script: { file: 'one.txt', title: 'One & <only>', points: 5, expected: [], limits },
  points: 5,
  faults: [],
  notes: [],
  run: {
    ...{ end: { kind: 'exit', status: 0 }, stdout: 'a:1\n', stderr: [], ms: 1500 },
    ...{ orphans: [], isEscaped: false, notes: [] },
  },
  isUndecided: false,
};
const WRONG: ScriptResult = {
  script: { file: 'line.txt', title: '', points: 10, expected: [], limits },
  points: 0,
  faults: [{ rule: 'values', lines: ['line 2: get 1 a: printed <b>\u0007', 'why'] }],
  notes: ['a note'],
  prefix: { line: 2, of: 9, isCertain: false },
  run: { ...RIGHT.run, stdout: '</pre><script>', stderr: ['Traceback'], ms: 250 },
  isUndecided: false,
};
const RESULT: SubmissionResult = { name: 'ada', scripts: [RIGHT, WRONG] };
const EXPLAINED = [
  'values: line 2: get 1 a: printed <b>\u0007',
  '  why',
  'the first 2 of 9 lines still fail, not every time',
  'note: a note',
  'last lines of stderr:',
  '  Traceback',
];

describe('the text report', () => {
  it('has a line for each script, and what is wrong below it', () => {
    expect(explanationOf(RIGHT)).toEqual([]);
    expect(explanationOf(WRONG)).toEqual(EXPLAINED);
    expect(reportLines(RESULT, 8).slice(0, 3)).toEqual([
      'one.txt   5/5      One & <only>',
      'line.txt  0/10',
      '    values: line 2: get 1 a: printed <b>\\x07',
    ]);
    expect(totalLine(RESULT)).toBe('total: 5/15');
  });

  it('has a line for each submission, with the rules that were broken', () => {
    const none = { ...WRONG, faults: [{ rule: 'command', lines: ['it is not there'] }] };
    const lines = [[RIGHT], [RIGHT, WRONG, WRONG, none]].map((scripts) =>
      submissionLine({ name: 'ada', scripts }),
    );
    expect(lines).toEqual([
      'ada: total: 5/5',
      'ada: total: 5/35 (values, command: it is not there)',
    ]);
  });

  it('has a table of many submissions', () => {
    const other = { name: 'grace', scripts: [{ ...RIGHT, isUndecided: true }, WRONG] };
    expect(tableLines([RESULT, other])).toEqual([
      'submission  one.txt  line.txt  total',
      'ada               5         0   5/15',
      'grace            5?         0   5/15',
    ]);
  });
});

describe('the format gradescope', () => {
  it('names scripts that are not decided', () => {
    const { output } = JSON.parse(
      toGradescope({ ...RESULT, scripts: [{ ...RIGHT, isUndecided: true }, WRONG] }),
    );
    expect(output).toBe('total: 5/15\nnot decided, a person has to look: one.txt');
  });

  it('has a test for each script', () => {
    expect(JSON.parse(toGradescope(RESULT))).toEqual({
      output: 'total: 5/15',
      execution_time: 2,
      stdout_visibility: 'hidden',
      tests: [
        {
          name: 'one.txt: One & <only>',
          number: '1',
          score: 5,
          max_score: 5,
          status: 'passed',
          output: '',
          output_format: 'text',
        },
        {
          name: 'line.txt',
          number: '2',
          score: 0,
          max_score: 10,
          status: 'failed',
          output: EXPLAINED.join('\n'),
          output_format: 'text',
        },
      ],
    });
  });
});

describe('the format classroom50', () => {
  const environment = {
    CLASSROOM: 'kv',
    ASSIGNMENT: 'store',
    SUBMISSION_TAG: 'submit/1',
    COMMIT_URL: 'https://example.org/c',
    RELEASE_URL: 'https://example.org/r',
  };

  it('has the identity, whole scores and a row for each script', () => {
    const now = new Date('2026-05-04T03:02:01.987Z');
    expect(JSON.parse(toClassroom50(RESULT, environment, now))).toEqual({
      schema: 'classroom50/result/v1',
      classroom: 'kv',
      assignment: 'store',
      submission: 'submit/1',
      commit: 'https://example.org/c',
      release: 'https://example.org/r',
      review: 'https://example.org/c',
      datetime: '2026-05-04T03:02:01Z',
      score: 5,
      'max-score': 15,
      tests: [
        { 'test-name': 'one.txt', passed: true, score: 5, 'max-score': 5, message: '' },
        {
          'test-name': 'line.txt',
          passed: false,
          score: 0,
          'max-score': 10,
          message: EXPLAINED.join('\n'),
        },
      ],
    });
  });

  it('knows what is missing', () => {
    expect(missingIdentity(environment)).toEqual([]);
    expect(missingIdentity({ ...environment, CLASSROOM: '', COMMIT_URL: undefined })).toEqual([
      'CLASSROOM',
      'COMMIT_URL',
    ]);
  });
});

describe('the format junit', () => {
  it('is XML without what XML forbids', () => {
    const xml = toJunit(RESULT);
    expect(xml).toContain('<testsuite name="ada" tests="2" failures="1" errors="0" skipped="0"');
    expect(xml).toContain('name="one.txt" time="1.500">\n      <system-out>points: 5/5<');
    expect(xml).toContain('<failure message="values">values: line 2');
    expect(xml).toContain('printed &lt;b&gt;\\x07\n');
    expect(xml.match(/<\/?[a-z-]+/g)?.sort()).toEqual([
      ...['</failure', '</system-out', '</system-out', '</testcase', '</testcase', '</testsuite'],
      ...['</testsuites', '<failure', '<system-out', '<system-out', '<testcase', '<testcase'],
      ...['<testsuite', '<testsuites'],
    ]);
  });
});

describe('the table for a spreadsheet', () => {
  it('quotes what needs it, and has no formulas', () => {
    const named = (name: string): SubmissionResult => ({ ...RESULT, name });
    expect(toCsv([RESULT, named('=1+1'), named('a,"b"')])).toBe(
      [
        'submission,one.txt,line.txt,total,most,undecided',
        'ada,5,0,5,15,0',
        "'=1+1,5,0,5,15,0",
        '"a,""b""",5,0,5,15,0',
        '',
      ].join('\r\n'),
    );
  });
});

describe('the page', () => {
  const scripts = new Map([['line.txt', 'joinServer 0\nget 1 a\nstabilize\n']]);
  const page = toPage('A suite', RESULT, scripts);

  it('shows points, faults, the script and the output', () => {
    expect(page).toContain('<title>ada: A suite</title>');
    expect(page).toContain('<td>0/10</td><td class="wrong">values</td>');
    expect(page).toContain('<mark>   2  get 1 a</mark>');
    expect(page).toContain('All answers are permitted');
  });

  it('runs nothing that a submission printed', () => {
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;/pre&gt;&lt;script&gt;');
    expect(page).not.toMatch(/https?:/);
  });

  it('cuts a long output', () => {
    const run = { ...RIGHT.run, stdout: 'x\n'.repeat(1_000) };
    const long = toPage('A suite', { name: 'ada', scripts: [{ ...RIGHT, run }] }, scripts);
    expect(long).toContain('and 601 more lines');
    const wide = { ...RIGHT, run: { ...RIGHT.run, stdout: 'x'.repeat(3_000_000) } };
    const capped = toPage('A suite', { name: 'ada', scripts: [wide] }, scripts);
    expect(capped).toContain('... and 2998000 more characters');
    expect(capped.length).toBeLessThan(10_000);
  });
});

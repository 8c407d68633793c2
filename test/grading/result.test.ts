import { describe, expect, it } from 'vitest';
import {
  judgedOutput,
  type MasterRun,
  type OutputJudgement,
  pointsOf,
  resultOf,
} from '../../src/grading/result.ts';
import { type SuiteScript, USUAL_LIMITS } from '../../src/grading/suite.ts';

const script: SuiteScript = {
  file: 'a.txt',
  title: '',
  points: 5,
  expected: [],
  limits: USUAL_LIMITS,
};
const RUN: MasterRun = {
  end: { kind: 'exit', status: 0 },
  stdout: '',
  stderr: [],
  ms: 10,
  orphans: [],
  isEscaped: false,
  notes: [],
};
const PERMITTED: OutputJudgement = { outcome: 'permitted' };
const MISSING: OutputJudgement = {
  outcome: 'refused',
  rule: 'lines',
  line: 7,
  command: 'get 10 a',
  printed: undefined,
  expected: ['a:...'],
  why: 'the output ends',
};
const WRONG: OutputJudgement = { ...MISSING, rule: 'values', printed: { number: 2, text: 'a:x' } };

const result = (run: Partial<MasterRun>, judgement: OutputJudgement, areOrphansFaults = true) =>
  resultOf(script, { ...RUN, ...run }, judgement, areOrphansFaults);
const rulesOf = (...given: Parameters<typeof result>): string[] =>
  result(...given).faults.map(({ rule }) => rule);

describe('the result of a script', () => {
  it('has the points if nothing is wrong', () => {
    expect(result({}, PERMITTED)).toMatchObject({ points: 5, faults: [], notes: [] });
    expect(pointsOf({ name: '', scripts: [result({}, PERMITTED), result({}, WRONG)] })).toEqual({
      points: 5,
      most: 10,
    });
  });

  it.each([
    ['a wrong answer', {}, WRONG, ['values']],
    ['a missing answer', {}, MISSING, ['lines']],
    ['a crash', { end: { kind: 'signal', signal: 'SIGSEGV' } }, MISSING, ['crash', 'lines']],
    ['the time', { end: { kind: 'time' } }, MISSING, ['time limit']],
    ['the time after a wrong answer', { end: { kind: 'time' } }, WRONG, ['time limit', 'values']],
    ['the time with all answers', { end: { kind: 'time' } }, PERMITTED, ['time limit']],
    ['memory', { end: { kind: 'memory' } }, MISSING, ['memory']],
    ['too much output', { end: { kind: 'stdout' } }, WRONG, ['output']],
    ['orphans', { orphans: ['sleep 9'] }, PERMITTED, ['orphans']],
    ['a process that was not found', { isEscaped: true }, PERMITTED, ['orphans']],
    ['both', { orphans: ['sleep 9'] }, WRONG, ['values', 'orphans']],
  ] as const)('has none for %s', (_what, run, judgement, rules) => {
    expect(rulesOf(run, judgement)).toEqual(rules);
    expect(result(run, judgement).points).toBe(0);
  });

  it('tells only of a time limit that the master has to end', () => {
    const linesOf = (kind: 'time' | 'memory') =>
      result({ end: { kind } }, PERMITTED).faults[0]?.lines;
    expect([linesOf('time')?.length, linesOf('memory')?.length]).toEqual([2, 1]);
  });

  it('has none for an output that is not expected', () => {
    const difference = { name: 'x', number: 3, printed: 'b', expected: 'c' };
    const { faults } = result({}, { outcome: 'different', difference });
    expect(faults).toEqual([
      {
        rule: 'expected output',
        lines: ["line 3 of the output: it printed 'b', x has 'c'"],
      },
    ]);
  });

  it('says how far a run came', () => {
    const [late] = result({ end: { kind: 'time' } }, MISSING).faults;
    expect(late?.lines).toEqual([
      'it did not end within 20 s',
      'no answer came for line 7: get 10 a',
    ]);
    const [idle] = result({ end: { kind: 'time' } }, PERMITTED).faults;
    expect(idle?.lines[1]).toContain('it has to end when its input ends');
  });

  it('only tells of orphans if the suite wants that', () => {
    const orphans = ['a', 'b', 'c', 'd', 'e'];
    const { points, notes } = result({ orphans }, PERMITTED, false);
    expect([points, notes]).toEqual([
      5,
      ['it left 5 processes behind, which were ended: a; b; c; and 2 more'],
    ]);
  });

  it('tells of an exit status, and of what is not decided', () => {
    const end = { kind: 'exit', status: 3 } as const;
    const { points, notes, isUndecided } = result({ end }, { outcome: 'undecided', why: 'x' });
    expect([points, isUndecided]).toEqual([5, true]);
    expect(notes).toEqual(['it ended with exit status 3', 'not decided: x']);
  });

  it('shortens long lines', () => {
    const printed = { number: 2, text: 'x'.repeat(10_000) };
    const [fault] = result({}, { ...WRONG, printed }).faults;
    expect(fault?.lines[0]?.length).toBeLessThan(200);
  });
});

describe('the output that is judged', () => {
  it.each([
    [{ kind: 'exit', status: 0 }, 'a:1\nb:2'],
    [{ kind: 'time' }, 'a:1\n'],
    [{ kind: 'signal', signal: 'SIGKILL' }, 'a:1\n'],
  ] as const)('of a run with the end %j', (end, expected) => {
    expect(judgedOutput({ ...RUN, end, stdout: 'a:1\nb:2' })).toBe(expected);
  });

  it('has blank lines in place of those to be ignored', () => {
    const stdout = '[log] a:1\na:1\nlog\n';
    expect(judgedOutput({ ...RUN, stdout }, /^\[|log$/u)).toBe('\na:1\n\n');
  });
});

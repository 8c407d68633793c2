import { describe, expect, it } from 'vitest';
import { parseSuite, SuiteError, USUAL_LIMITS } from '../../src/grading/suite.ts';

const script = { script: 'a.txt', points: 5 };
const parse = (value: unknown) => parseSuite(JSON.stringify(value));

describe('a suite', () => {
  it('has the oracle and the usual limits where it says nothing', () => {
    expect(parse({ title: 'T', scripts: [script] })).toEqual({
      title: 'T',
      areOrphansFaults: true,
      scripts: [{ file: 'a.txt', title: '', points: 5, expected: [], limits: USUAL_LIMITS }],
    });
  });

  it('has limits at the top, and at a script', () => {
    const scripts = [
      { ...script, time: '500ms', expect: 'oracle' },
      { script: 'b.txt', points: 0 },
    ];
    const suite = parse({ title: '', time: '3s', memoryMiB: 64, orphans: 'report', scripts });
    expect(suite.scripts.map(({ limits }) => [limits.timeMs, limits.memoryMiB])).toEqual([
      [500, 64],
      [3000, 64],
    ]);
    expect(suite.areOrphansFaults).toBe(false);
  });

  it('has one expected file, or several', () => {
    const scripts = [
      { ...script, expect: 'a.out' },
      { script: 'b.txt', points: 1, expect: ['x', 'sub/y'] },
    ];
    const suite = parse({ title: '', scripts });
    expect(suite.scripts.map(({ expected }) => expected)).toEqual([['a.out'], ['x', 'sub/y']]);
  });

  it.each([
    [{ scripts: [script] }, 'title is missing'],
    [{ title: 'T' }, 'scripts is missing'],
    [{ title: 'T', scripts: [] }, 'scripts is not a list of at least one script'],
    [{ title: 'T', scripts: [{ points: 1 }] }, 'scripts[0].script is missing'],
    [{ title: 'T', scripts: [{ ...script, points: -1 }] }, 'scripts[0].points is not a whole'],
    [{ title: 'T', scripts: [{ ...script, points: 1.5 }] }, 'scripts[0].points is not a whole'],
    [{ title: 'T', scripts: [{ ...script, script: '../a' }] }, 'script is not a file of the suite'],
    [{ title: 'T', scripts: [{ ...script, time: '10' }] }, 'scripts[0].time is not a time'],
    [{ title: 'T', scripts: [{ ...script, time: '0s' }] }, 'scripts[0].time is not a time'],
    [{ title: 'T', scripts: [{ ...script, expect: [] }] }, 'scripts[0].expect is not "oracle"'],
    [{ title: 'T', scripts: [{ ...script, pionts: 1 }] }, 'scripts[0].pionts is no field of it'],
    [{ title: 'T', scripts: [script, script] }, "'a.txt' is there twice"],
    [{ title: 'T', scripts: [script, { ...script, script: './a.txt' }] }, 'is there twice'],
    [{ title: 'T', scripts: [{ ...script, script: '.' }] }, 'script is not a file of the suite'],
    [{ title: 'T', orphans: 'keep', scripts: [script] }, 'orphans is not "fail" or "report"'],
    ['x', 'suite.json: the file: '],
  ])('%j is refused', (value, why) => {
    expect(() => parse(value)).toThrow(SuiteError);
    expect(() => parse(value)).toThrow(why);
  });

  it('is JSON', () => {
    expect(() => parseSuite('{ "title": ')).toThrow(/^suite.json is no JSON: /);
  });
});

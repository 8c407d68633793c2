import { describe, expect, it } from 'vitest';
import { GradedScript } from '../../src/grading/gradedScript.ts';
import { type SuiteScript, USUAL_LIMITS } from '../../src/grading/suite.ts';

const spec: SuiteScript = {
  file: 'a.txt',
  title: '',
  points: 5,
  expected: [],
  limits: USUAL_LIMITS,
};
const TEXT = '# one\r\njoinServer 0\n\n  joinClient 10 0\nput 10 a 1\n# two\nget 10 a\nget 10 b\n';
const GOLDEN = `A: 1 of 2 runs, the first with --seed 1
B: 1 of 2 runs, the first with --seed 2

4: get 10 a
A> a:1
B> a:2
`;

describe('a graded script', () => {
  const script = new GradedScript(spec, TEXT, []);

  it('gives a master the commands only', () => {
    expect(script.input()).toBe('joinServer 0\njoinClient 10 0\nput 10 a 1\nget 10 a\nget 10 b\n');
    expect(script.input(2)).toBe('joinServer 0\njoinClient 10 0\n');
    expect([script.commandCount, script.lineCount]).toEqual([5, 8]);
    expect([script.lineOf(3), script.commandsUpTo(7), script.commandsUpTo(6)]).toEqual([5, 4, 3]);
  });

  it('asks the oracle, with the lines of the file', () => {
    expect(script.judge('a:1\nb:ERR_KEY\n')).toEqual({ outcome: 'permitted' });
    expect(script.judge('a:1\nb:1\n')).toMatchObject({ outcome: 'refused', line: 8 });
    expect(script.permitsBeginning(4, 'a:1\n')).toBe(true);
    expect(script.permitsBeginning(4, 'a:1\nb:ERR_KEY\n')).toBe(false);
  });

  it('takes no mark at the beginning of a file for a part of its first line', () => {
    const marked = new GradedScript(spec, TEXT, [{ name: 'x', text: '\ufeffa:1\r\nb:1\r\n' }]);
    expect(marked.judge('a:1\nb:1\n')).toEqual({ outcome: 'permitted' });
  });

  it('compares with files, any of them', () => {
    const files = [
      { name: 'x', text: 'a:1\nb:1\n' },
      { name: 'y', text: 'a:1\r\nb:2\nc:3' },
    ];
    const own = new GradedScript(spec, 'anything goes\n', files);
    expect(own.judge('a:1\nb:1\n\n')).toEqual({ outcome: 'permitted' });
    expect(own.judge('a:1  \nb:2\nc:3\n')).toEqual({ outcome: 'permitted' });
    expect(own.judge('a:1\nb:2\n')).toEqual({
      outcome: 'different',
      difference: { name: 'y', number: 3, printed: undefined, expected: 'c:3' },
    });
    expect(own.judge('a:1\nb:1\nc:1\n')).toMatchObject({
      difference: { name: 'x', number: 3, printed: 'c:1', expected: undefined },
    });
    expect([own.permitsBeginning(1, 'a:1\nb:2\n'), own.permitsBeginning(1, 'b:2\n')]).toEqual([
      true,
      false,
    ]);
  });

  it('compares with all outputs of a golden file', () => {
    const own = new GradedScript(spec, 'get 10 a\n', [{ name: 'a.golden', text: GOLDEN }]);
    expect([own.judge('a:1\n').outcome, own.judge('a:2\n').outcome]).toEqual([
      'permitted',
      'permitted',
    ]);
    expect(own.judge('a:3\n')).toMatchObject({ difference: { name: 'output A of a.golden' } });
  });

  it.each([
    ['# nothing\n', [], 'a.txt: it has no command'],
    ['joinServer 0\nsleep 1s\n', [], "a.txt:2: 'sleep' is none of joinServer"],
    ['x\n', [{ name: 'a.golden', text: 'nonsense' }], 'a.golden:1: '],
  ])('%j is refused', (text, files, why) => {
    expect(() => new GradedScript(spec, text, files)).toThrow(why);
  });
});

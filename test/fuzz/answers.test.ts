// Only specified answers and codes pass.
import { describe, expect, test } from 'vitest';
import { AnswerJudge } from '../../src/fuzz/answers.ts';
import { Coverage } from '../../src/fuzz/coverage.ts';
import { plain } from '../support/tinyProtocols.ts';

const lines = ['get 5 x', 'printStore 0', 'put 5 x 1', 'append 5 x 1', '\tget 5 y'];

function createJudge(coverage = new Coverage()): AnswerJudge {
  return new AnswerJudge({ protocol: plain, lineErrors: ['E_ARGS'], coverage, lines });
}

const judge = (answer: object): string | undefined =>
  createJudge().judgeAnswer(`${JSON.stringify(answer)}\n`);

const got = { line: 1, command: 'get', client: 5, key: 'x' };
const printed = { line: 2, command: 'printStore', server: 0 };

describe('answers', () => {
  test.each([
    { ...got, value: '1' },
    { ...got, error: 'ERR_DEP' },
    { ...got, line: 5, error: 'ERR_KEY' },
    { ...got, values: ['1', '2'] },
    {
      ...printed,
      entries: [
        ['a', '1'],
        ['a', '2'],
      ],
    },
    { ...printed, entries: [] },
    {
      ...printed,
      entries: [
        ['a', '1'],
        ['b', '2'],
      ],
    },
    { line: 4, command: 'append', client: 5, key: 'x', value: '11' },
  ])('specified: %j', (answer) => {
    expect(judge(answer)).toBeUndefined();
  });

  test.each([
    { ...got },
    { ...got, value: '1', error: 'ERR_KEY' },
    { ...got, error: 'ERR_ODD' },
    { ...got, value: 1 },
    { ...got, line: 9, value: '1' },
    { ...got, line: 3, value: '1' },
    {
      ...printed,
      entries: [
        ['b', '2'],
        ['a', '1'],
      ],
    },
    {
      ...printed,
      entries: [
        ['a', '1'],
        ['a', '1'],
      ],
    },
    { line: 3, command: 'put', client: 5, key: 'x' },
  ])('not specified: %j', (answer) => {
    expect(judge(answer)).toBeDefined();
  });

  test('an answer ends its line', () => {
    expect(createJudge().judgeAnswer(JSON.stringify({ ...got, value: '1' }))).toBeDefined();
    expect(createJudge().judgeAnswer('x:1\n')).toBeDefined();
  });
});

describe('diagnostics', () => {
  test('have known codes, which are counted', () => {
    const coverage = new Coverage();
    const judge = createJudge(coverage);
    expect(judge.judgeDiagnostic('causeway: script:3: E_ARGS: too many words\n')).toBeUndefined();
    expect(judge.judgeDiagnostic('causeway: script:3: E_TIMEOUT: no answer\n')).toBeUndefined();
    expect(judge.judgeDiagnostic('causeway: note: server 0 died\n')).toBeUndefined();
    expect(coverage.toCounts()).toEqual({ 'bad line E_ARGS': 1, 'code E_TIMEOUT': 1 });
  });

  test.each(['causeway: script:3: E_ODD: why\n', 'hello\n', 'causeway: script:3: E_ARGS: \n'])(
    'not specified: %j',
    (text) => {
      expect(createJudge().judgeDiagnostic(text)).toBeDefined();
    },
  );
});

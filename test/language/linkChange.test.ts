// The words of the command `link`.
import { describe, expect, test } from 'vitest';
import { LineError } from '../../src/language/lineError.ts';
import { linkChange } from '../../src/language/linkChange.ts';
import { WordReader } from '../../src/language/words.ts';

const read = (text: string) => linkChange.read(new WordReader(text));

const uniform = (leastMs: number, mostMs: number) => ({ kind: 'uniform', leastMs, mostMs });

test('name one direction, or all links', () => {
  expect(read('0 12 loss=0.5').direction).toEqual([0, 12]);
  expect(read('all loss=0.5').direction).toBe('all');
});

test('set what they name, or undo all', () => {
  const delay = uniform(5, 5);
  expect(read('0 1 reorder=off duplication=.25 loss=1 delay=5ms').setting).toEqual({
    ...{ delay, loss: 1, duplication: 0.25, isOrdered: true },
  });
  expect(read('0 1 reorder=on').setting).toEqual({ isOrdered: false });
  expect(read('all reset').setting).toBeNull();
});

test.each([
  ['0ms', uniform(0, 0)],
  ['1s', uniform(1_000, 1_000)],
  ['0..100ms', uniform(0, 100)],
  ['1..2s', uniform(1_000, 2_000)],
  ['500ms..2s', uniform(500, 2_000)],
  ['5000ms', uniform(5_000, 5_000)],
  ['normal(50ms,0ms)', { kind: 'normal', meanMs: 50, deviationMs: 0 }],
  ['normal(1s,50ms)', { kind: 'normal', meanMs: 1_000, deviationMs: 50 }],
])('understand the delay %s', (text, delay) => {
  expect(read(`0 1 delay=${text}`).setting).toEqual({ delay });
});

describe('are refused', () => {
  test.each([
    ...['', '5', '-5ms', '1.5ms', '5 ms', '05ms', '1e2ms', '5001ms', '6s', '0..6s', '9..3ms'],
    ...['0..', '..5ms', '0..1..2ms', '0-100ms', 'normal(5ms)', 'normal(50,50)', 'normal(5ms,6s)'],
    ...['normal(,)', 'uniform(0ms,5ms)', 'NORMAL(5ms,5ms)', 'NaN', 'Infinity'],
  ])('with the delay %j', (text) => {
    expect(() => read(`0 1 delay=${text}`)).toThrow(LineError);
  });

  test.each([
    ...['', '0', '0 1', 'all', '0 all loss=1', 'all 1 loss=1', 'any loss=1', '0 1 loss'],
    ...['0 1 loss=1.1', '0 1 loss=-0', '0 1 loss=', '0 1 duplication=2', '0 1 reorder=yes'],
    ...['0 1 speed=1', '0 1 constructor=1', '0 1 loss=0 loss=0', '0 1 loss=0 reset'],
  ])('as in %j', (text) => {
    expect(() => read(text)).toThrow(LineError);
  });
});

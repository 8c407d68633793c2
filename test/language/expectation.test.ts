// What an answer may be expected to be: the forms, what meets them, and how a failure is told.
import { describe, expect, test } from 'vitest';
import {
  isLike,
  isMet,
  parseExpectation,
  tellExpectation,
  tellLines,
} from '../../src/language/expectation.ts';

describe('an expectation', () => {
  test.each<[text: string, met: string[][], unmet: string[][]]>([
    ['x:1', [['x:1']], [['x:2'], ['x:1 '], [], ['x:1', 'x:1']]],
    ['x:a  b', [['x:a  b']], [['x:a b']]],
    ['x:', [['x:']], [['x:1']]],
    ['anything:1', [['anything:1']], [['thing:1']]],
    ['nothing at all', [['nothing at all']], [[]]],
    ['exactly any x', [['any x']], [['x']]],
    ['exactly nothing', [['nothing']], [[]]],
    ['any x:1 | x:2', [['x:1'], ['x:2']], [['x:3'], ['x:1 | x:2'], ['x:1', 'x:2']]],
    ['any x:a|b\t|\tx:c  d', [['x:a|b'], ['x:c  d']], [['x:a'], ['x:c d']]],
    [
      'lines a:1 | b:2',
      [
        ['a:1', 'b:2'],
        ['b:2', 'a:1'],
      ],
      [['a:1'], ['a:1', 'b:2', 'b:2'], []],
    ],
    ['lines a:1 | a:1', [['a:1', 'a:1']], [['a:1'], ['a:1', 'b:2']]],
    ['lines a:1', [['a:1']], [[]]],
    ['like x:*', [['x:'], ['x:12']], [['y:1'], ['x:1', 'x:2']]],
    ['like *"k":"v?"*', [['{"k":"v1"}']], [['{"k":"v"}']]],
    ['nothing', [[]], [['nothing'], ['']]],
  ])('%s', (text, met, unmet) => {
    const expectation = parseExpectation(text);
    for (const lines of met) expect(isMet(expectation, lines), lines.join('\n')).toBe(true);
    for (const lines of unmet) expect(isMet(expectation, lines), lines.join('\n')).toBe(false);
  });

  test.each(['', 'exactly', 'any', 'any x |', 'any | x', 'lines a | | b', 'like'])(
    'is refused without a text: %j',
    (text) => {
      expect(() => parseExpectation(text)).toThrow('the expected answer is missing');
    },
  );

  test.each([
    ['x:1', "'x:1'"],
    ['any x:1 | x:2', "one of 'x:1', 'x:2'"],
    ['lines a:1 | b:2', "the lines 'a:1', 'b:2', in any order"],
    ['like x:*', "a line like 'x:*'"],
    ['nothing', 'nothing'],
  ])('%s is told', (text, told) => {
    expect(tellExpectation(parseExpectation(text))).toBe(told);
  });
});

describe('answers', () => {
  test('are told in a line, however long they are', () => {
    expect(tellLines([])).toBe('nothing');
    expect(tellLines(['a:1', 'b:2'])).toBe("2 lines: 'a:1', 'b:2'");
    expect(tellLines(Array.from({ length: 7 }, (_, index) => `k${index}`))).toBe(
      "7 lines: 'k0', 'k1', 'k2', 'k3', 'k4' and 2 more",
    );
    expect(tellLines(['x'.repeat(1000)])).toHaveLength(205);
    expect(tellLines(['a\u202eb'])).toBe("'a\\u202eb'");
  });
});

describe('a pattern', () => {
  /** The definition itself, which may take exponential time. */
  const isLikeByDefinition = (text: string, pattern: string): boolean => {
    const [first, rest] = [pattern[0], pattern.slice(1)];
    if (first === undefined) return text === '';
    if (first === '*') {
      const tails = Array.from({ length: text.length + 1 }, (_, at) => text.slice(at));
      return tails.some((tail) => isLikeByDefinition(tail, rest));
    }
    const isFirst = text !== '' && (first === '?' || first === text[0]);
    return isFirst && isLikeByDefinition(text.slice(1), rest);
  };

  test('has stars and question marks, as the definition says', () => {
    const words = (letters: string, length: number): string[] =>
      length === 0
        ? ['']
        : words(letters, length - 1).flatMap((word) => [...letters].map((letter) => word + letter));
    const texts = [0, 1, 2, 3, 4].flatMap((length) => words('ab', length));
    const patterns = [0, 1, 2, 3, 4].flatMap((length) => words('a*?', length));
    for (const pattern of patterns) {
      for (const text of texts) {
        const told = `${text} like ${pattern}`;
        expect(isLike(text, pattern), told).toBe(isLikeByDefinition(text, pattern));
      }
    }
  });

  test('takes no time that explodes', () => {
    expect(isLike('a'.repeat(20_000), `${'*a'.repeat(50)}b`)).toBe(false);
  });
});

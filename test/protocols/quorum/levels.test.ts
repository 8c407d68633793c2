import { describe, expect, it } from 'vitest';
import { countOf, levelOf, modifiers, readLevel } from '../../../src/protocols/quorum/levels.ts';

const [ofGet, ofWrite] = modifiers;

describe('a level', () => {
  it.each([
    ['one', 3, 1],
    ['quorum', 1, 1],
    ['quorum', 2, 2],
    ['quorum', 3, 2],
    ['quorum', 4, 3],
    ['quorum', 5, 3],
    ['all', 5, 5],
    [4, 5, 4],
  ] as const)('%s of %i replicas counts %i', (level, n, count) => {
    expect(countOf(level, n)).toBe(count);
  });

  it('is a word in any case, or a count', () => {
    expect(['one', 'ONE', 'Quorum', 'aLL'].map(readLevel)).toEqual(['one', 'one', 'quorum', 'all']);
    expect(['r=2', 'W=3'].map(readLevel)).toEqual([2, 3]);
    expect(['two', 'r=', 'r=x', '2', '', 'one '].map(readLevel)).toEqual(Array(6).fill(undefined));
  });

  it('of an operation without modifiers is the default', () => {
    expect(levelOf([])).toBeNull();
    expect(levelOf(['ALL'])).toBe('all');
    expect(levelOf(['w=2'])).toBe(2);
  });
});

describe('the modifiers', () => {
  it('are words of gets, or of writes', () => {
    expect(ofGet?.on).toEqual(['get']);
    expect(ofWrite?.on).toEqual(['put', 'delete']);
    const words = ['one', 'QUORUM', 'all', 'r=1', 'w=1', 'r=x', 'value'];
    expect(words.filter((word) => ofGet?.isModifier(word))).toEqual([
      'one',
      'QUORUM',
      'all',
      'r=1',
    ]);
    expect(words.filter((word) => ofWrite?.isModifier(word))).toEqual([
      ...['one', 'QUORUM', 'all', 'w=1'],
    ]);
  });

  it('refuse counts beyond the number of replicas', () => {
    const refuse = (word: string): string | undefined => ofWrite?.refuse?.(word, { n: '3' });
    expect(['one', 'all', 'w=1', 'w=3'].map(refuse)).toEqual(Array(4).fill(undefined));
    expect(refuse('w=0')).toMatch(/w is 1 to 3/);
    expect(refuse('w=4')).toMatch(/w is 1 to 3/);
  });

  it('have samples that are modifiers', () => {
    for (const { samples, isModifier } of modifiers) {
      expect(samples.filter((word) => !isModifier(word))).toEqual([]);
    }
  });
});

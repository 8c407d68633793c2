import { describe, expect, it } from 'vitest';
import { VALUE_BYTES } from '../../../src/kernel/limits.ts';
import { effectOf, type Kind } from '../../../src/protocols/sharded/operations.ts';

function after(kind: Kind, held: string | null, value: string | null = null) {
  const effect = effectOf({ kind, value }, held);
  return [effect.outcome, effect.value, effect.popped];
}

describe('an append', () => {
  it('joins at its end', () => {
    expect(after('appendLeft', 'b', 'a')).toEqual(['done', 'ab', null]);
    expect(after('appendRight', 'a', 'b')).toEqual(['done', 'ab', null]);
  });

  it('of a missing key creates it, also with the empty text', () => {
    for (const kind of ['appendLeft', 'appendRight'] as const) {
      expect(after(kind, null, 'x')).toEqual(['done', 'x', null]);
      expect(after(kind, null, '')).toEqual(['done', '', null]);
      expect(after(kind, 'x', '')).toEqual(['done', 'x', null]);
    }
  });

  it('that would be too large changes nothing', () => {
    const largest = 'x'.repeat(VALUE_BYTES - 2);
    const [outcome, value] = after('appendRight', largest, 'y');
    expect([outcome, value === largest]).toEqual(['tooLarge', true]);
    expect(after('appendLeft', largest, '')[0]).toBe('done');
  });
});

describe('a compare-and-set', () => {
  function compared(held: string | null, expected: string): unknown[] {
    const effect = effectOf({ kind: 'cas', value: 'new', expected }, held);
    return [effect.outcome, effect.value, effect.popped];
  }

  it('writes where the key has the value that it expects', () => {
    expect(compared('old', 'old')).toEqual(['done', 'new', null]);
    expect(compared('', '')).toEqual(['done', 'new', null]);
  });

  it('changes nothing where the key has another value, or none', () => {
    expect(compared('other', 'old')).toEqual(['unequal', 'other', null]);
    expect(compared('', 'old')).toEqual(['unequal', '', null]);
    expect(compared(null, '')).toEqual(['unequal', null, null]);
  });
});

describe('a pop', () => {
  it('removes the character at its end', () => {
    expect(after('popLeft', 'abc')).toEqual(['done', 'bc', 'a']);
    expect(after('popRight', 'abc')).toEqual(['done', 'ab', 'c']);
  });

  it('of the empty text gives the empty text, and the key stays', () => {
    expect(after('popLeft', '')).toEqual(['done', '', '']);
    expect(after('popRight', '')).toEqual(['done', '', '']);
    expect(after('popLeft', 'a')).toEqual(['done', '', 'a']);
  });

  it('of a missing key creates nothing', () => {
    expect(after('popLeft', null)).toEqual(['absent', null, null]);
    expect(after('popRight', null)).toEqual(['absent', null, null]);
  });

  it.each(['😀', 'é', '👩‍💻', 'a😀', '😀a', '𝒳𝒴', '\ud800', 'a\udc00', '\udc00\ud800'])(
    'takes one code point of %j at a time, from both ends',
    (text) => {
      const characters = [...text];
      let left: string | null = text;
      for (const character of characters) {
        const effect = effectOf({ kind: 'popLeft', value: null }, left);
        expect(effect.popped).toBe(character);
        left = effect.value;
      }
      let right: string | null = text;
      for (const character of characters.reverse()) {
        const effect = effectOf({ kind: 'popRight', value: null }, right);
        expect(effect.popped).toBe(character);
        right = effect.value;
      }
      expect([left, right]).toEqual(['', '']);
    },
  );
});

it('a put replaces, and a deletion removes, also what is not there', () => {
  expect(after('put', null, '')).toEqual(['done', '', null]);
  expect(after('put', 'a', 'b')).toEqual(['done', 'b', null]);
  expect(after('delete', 'a')).toEqual(['done', null, null]);
  expect(after('delete', null)).toEqual(['done', null, null]);
});

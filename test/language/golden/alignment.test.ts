import { describe, expect, it } from 'vitest';
import { createRandomStream, randomBelow } from '../../../src/kernel/random.ts';
import { align } from '../../../src/language/golden/alignment.ts';

const areEqual = (a: string, b: string): boolean => a === b;
const alignTexts = (a: string, b: string) => align([...a], [...b], areEqual);

/** The most pairs, by trying everything. */
function countMost(a: string, b: string): number {
  if (a === '' || b === '') return 0;
  if (a[0] === b[0]) return 1 + countMost(a.slice(1), b.slice(1));
  return Math.max(countMost(a.slice(1), b), countMost(a, b.slice(1)));
}

describe('align', () => {
  it('pairs equal items in the order of both, as many as there can be', () => {
    const random = createRandomStream(1, 'alignment');
    const draw = (): string =>
      Array.from({ length: randomBelow(random, 8) }, () => 'abc'[randomBelow(random, 3)]).join('');
    for (let round = 0; round < 500; round += 1) {
      const [a, b] = [draw(), draw()];
      const pairs = alignTexts(a, b);
      for (const [at, [i, j]] of pairs.entries()) {
        expect(a[i]).toBe(b[j]);
        const [lastI, lastJ] = pairs[at - 1] ?? [-1, -1];
        expect(i > lastI && j > lastJ, `${a} ${b}`).toBe(true);
      }
      expect(pairs.length, `${a} ${b}`).toBe(countMost(a, b));
    }
  });

  it('pairs of very long lists only what they share at both ends', () => {
    const [a, b] = ['a', 'b'].map((text) => text.repeat(2_500));
    expect(alignTexts(`x${a}y${a}z`, `x${b}y${b}z`)).toEqual([
      [0, 0],
      [5_002, 5_002],
    ]);
  });
});

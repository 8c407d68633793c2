import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CausalContext } from '../../src/clocks/causalContext.ts';
import type { Version } from '../../src/clocks/version.ts';
import { isContext } from '../../src/kernel/control.ts';
import { extent } from '../support/extent.ts';

const RUNS = extent({ full: 2_000, quick: 200 });
const LIVES = 4;
const MOST = 12;

interface Dot {
  readonly version: Version;
  readonly after: number;
}

/** Each life gives the key greater and greater timestamps, and other keys those between. */
const history = fc
  .array(fc.tuple(fc.integer({ min: 0, max: LIVES - 1 }), fc.integer({ min: 1, max: 3 })), {
    maxLength: MOST,
  })
  .map((steps) => {
    const last = new Map<number, number>();
    return steps.map(([life, gap]): Dot => {
      const after = last.get(life) ?? 0;
      last.set(life, after + gap);
      const origin = { id: Math.floor(life / 2), incarnation: life % 2 };
      return { version: { timestamp: after + gap, origin }, after };
    });
  });

const chosen = fc.array(fc.boolean(), { minLength: MOST, maxLength: MOST });

function contextOf(dots: readonly Dot[]): CausalContext {
  return dots.reduce(
    (known, { version, after }) => known.with(version, after),
    CausalContext.EMPTY,
  );
}

describe('a causal context', () => {
  it('has exactly the writes that were added, in whatever order', () => {
    fc.assert(
      fc.property(history, chosen, fc.boolean(), (dots, isIn, isReversed) => {
        const known = dots.filter((_, at) => isIn[at]);
        const context = contextOf(isReversed ? [...known].reverse() : known);
        for (const dot of dots) {
          expect(context.covers(dot.version)).toBe(known.includes(dot));
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('is united as sets are', () => {
    fc.assert(
      fc.property(history, chosen, chosen, (dots, isLeft, isRight) => {
        const [left, right] = [isLeft, isRight].map((isIn) => dots.filter((_, at) => isIn[at]));
        const both = contextOf(left ?? []).union(contextOf(right ?? []));
        const all = contextOf(dots.filter((_, at) => isLeft[at] || isRight[at]));
        expect(both.toTuples()).toEqual(all.toTuples());
      }),
      { numRuns: RUNS },
    );
  });

  it('travels as tuples that a receiver accepts', () => {
    fc.assert(
      fc.property(history, chosen, (dots, isIn) => {
        const tuples = contextOf(dots.filter((_, at) => isIn[at])).toTuples();
        expect(isContext(tuples)).toBe(true);
        expect(CausalContext.fromTuples(tuples).toTuples()).toEqual(tuples);
      }),
      { numRuns: RUNS },
    );
  });

  it('is one span for all that one life wrote of the key', () => {
    const origin = { id: 3, incarnation: 1 };
    const dots = [
      { version: { timestamp: 4, origin }, after: 0 },
      { version: { timestamp: 9, origin }, after: 4 },
      { version: { timestamp: 10, origin }, after: 9 },
    ];
    expect(contextOf(dots).toTuples()).toEqual([[3, 1, 0, 10]]);
    expect(contextOf(dots.slice(1)).toTuples()).toEqual([[3, 1, 4, 10]]);
    expect(contextOf([...dots.slice(0, 1), ...dots.slice(2)]).toTuples()).toEqual([
      [3, 1, 0, 4],
      [3, 1, 9, 10],
    ]);
  });

  it.each([
    ['no list', 7],
    ['a span of three', [[1, 0, 2]]],
    ['an empty span', [[1, 0, 2, 2]]],
    ['a span that ends before it begins', [[1, 0, 3, 2]]],
    [
      'spans that meet',
      [
        [1, 0, 0, 2],
        [1, 0, 2, 5],
      ],
    ],
    [
      'spans out of order',
      [
        [1, 0, 4, 5],
        [1, 0, 0, 2],
      ],
    ],
    ['a number that is none', [[1, 0, 0, Number.NaN]]],
  ])('is not %s', (_, input) => {
    expect(isContext(input)).toBe(false);
  });
});

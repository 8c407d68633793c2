import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareVersions,
  fromVersionTuple,
  isLater,
  toVersionTuple,
  type Version,
} from '../../src/clocks/version.ts';

const count = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.maxSafeNat());
const version = fc.tuple(count, count, count).map(fromVersionTuple);
const sign = (a: Version, b: Version): number => Math.sign(compareVersions(a, b));

describe('the order of versions', () => {
  it('is antisymmetric, and 0 only between equal ones', () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(sign(a, b) + sign(b, a)).toBe(0);
        expect(sign(a, b) === 0).toBe(String(toVersionTuple(a)) === String(toVersionTuple(b)));
      }),
      { numRuns: 5_000 },
    );
  });

  it('is total and transitive: any three stand in one line', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        const [first, second, third] = [a, b, c].sort(compareVersions) as [
          Version,
          Version,
          Version,
        ];
        expect(sign(first, second)).toBeLessThanOrEqual(0);
        expect(sign(second, third)).toBeLessThanOrEqual(0);
        expect(sign(first, third)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 5_000 },
    );
  });

  it('looks at the timestamp, then the server, then the incarnation', () => {
    const order = [
      [1, 9, 9],
      [2, 0, 9],
      [2, 1, 1],
      [2, 1, 2],
      [3, 0, 0],
    ] as const;
    const versions = order.map(fromVersionTuple);
    expect(versions.toReversed().sort(compareVersions)).toEqual(versions);
  });

  it('is what the tuples say, element by element', () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        const [left, right] = [toVersionTuple(a), toVersionTuple(b)];
        const index = left.findIndex((x, at) => x !== right[at]);
        const expected = index < 0 ? 0 : Math.sign((left[index] ?? 0) - (right[index] ?? 0));
        expect(sign(a, b)).toBe(expected);
      }),
    );
  });
});

describe('the tuple of a version', () => {
  it('comes back as the same version', () => {
    fc.assert(
      fc.property(fc.tuple(count, count, count), (tuple) => {
        expect(toVersionTuple(fromVersionTuple(tuple))).toEqual(tuple);
      }),
    );
  });

  it('is later or earlier as its version is, and later than nothing', () => {
    expect(isLater([2, 0, 1], [1, 9, 9])).toBe(true);
    expect(isLater([1, 0, 2], [1, 1, 1])).toBe(false);
    expect(isLater([1, 0, 1], [1, 0, 1])).toBe(false);
    expect(isLater([0, 0, 0], undefined)).toBe(true);
    expect(isLater([0, 0, 0], null)).toBe(true);
  });
});

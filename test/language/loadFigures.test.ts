// The measurements of a load, computed from the times of its operations.
import { describe, expect, it } from 'vitest';
import { LoadFigures, tellFigures } from '../../src/language/loadFigures.ts';

/** Of operations that follow each other: when each began and was answered. */
function measure(
  startedAt: number,
  spans: readonly (readonly [number, number])[],
  endedAt: number,
) {
  const figures = new LoadFigures(startedAt);
  for (const [invokedAt, returnedAt] of spans) figures.answered(invokedAt, returnedAt);
  return figures.end(endedAt);
}

describe('figures of a load', () => {
  it('are of the answered operations', () => {
    const spans = [2, 4, 6, 8].map((at) => [at, at + 1] as const);
    expect(measure(0, spans, 10)).toEqual({
      perSecond: 400,
      p50Ms: 1,
      p99Ms: 1,
      longestGapMs: 3,
    });
  });

  it('have percentiles by nearest rank', () => {
    const figuresOf = (latencies: readonly number[]) =>
      measure(
        0,
        latencies.map((ms, at) => [at * 1000, at * 1000 + ms] as const),
        1_000_000,
      );
    const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);
    expect(figuresOf(hundred)).toMatchObject({ p50Ms: 50, p99Ms: 99 });
    expect(figuresOf([...hundred, 700])).toMatchObject({ p50Ms: 51, p99Ms: 100 });
    expect(figuresOf([3])).toMatchObject({ p50Ms: 3, p99Ms: 3 });
    expect(figuresOf([10, 9, 100])).toMatchObject({ p50Ms: 10, p99Ms: 100 });
  });

  it.each([
    ['at the beginning', [[7, 8]], 9, 8],
    [
      'in the middle',
      [
        [0, 1],
        [1, 12],
        [12, 13],
      ],
      14,
      11,
    ],
    ['at the end', [[0, 1]], 20, 19],
    ['all the time', [], 20, 20],
  ] as const)('have the longest time without an answer: %s', (_, spans, endedAt, gap) => {
    expect(measure(0, spans, endedAt).longestGapMs).toBe(gap);
  });

  it('without an answer have no latency', () => {
    const figures = measure(5, [], 10);
    expect(figures).toEqual({
      perSecond: 0,
      p50Ms: undefined,
      p99Ms: undefined,
      longestGapMs: 5,
    });
    expect(tellFigures(figures)).toBe('0.00 operations/s, longest gap 5.00 ms');
  });

  it('are told with three digits', () => {
    const figures = { perSecond: 81234.4, p50Ms: 0.8142, p99Ms: 9.996, longestGapMs: 99.96 };
    expect(tellFigures(figures)).toBe(
      '81234 operations/s, p50 0.81 ms, p99 10.0 ms, longest gap 100 ms',
    );
  });
});

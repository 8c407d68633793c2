// The figures of a sample of times.
import { describe, expect, test } from 'vitest';
import { summarize } from '../../src/evaluate/statistics.ts';

test('mean, deviation and percentiles by nearest rank', () => {
  const times = Array.from({ length: 1_000 }, (_, index) => 1_000 - index);
  expect(summarize(times)).toMatchObject({
    ...{ count: 1_000, meanMs: 500.5, deviationMs: 288.675 },
    ...{ p50Ms: 500, p99Ms: 990, p999Ms: 999 },
  });
});

test('of one time', () => {
  expect(summarize([7])).toEqual({
    ...{ count: 1, meanMs: 7, deviationMs: 0, p50Ms: 7, p99Ms: 7, p999Ms: 7 },
    density: [{ fromMs: 7, toMs: 8, share: 1 }],
  });
});

test('of none', () => {
  const none = { meanMs: null, deviationMs: null, p50Ms: null, p99Ms: null, p999Ms: null };
  expect(summarize([])).toEqual({ count: 0, ...none, density: [] });
});

test('a density whose shares add up to 1, by ascending time', () => {
  const { density } = summarize([41, 12, 10, 14.9, 15, 40]);
  expect(density.map(({ fromMs, toMs }) => `${fromMs} to ${toMs}`)).toEqual([
    ...['10 to 12', '12 to 14', '14 to 16', '40 to 42'],
  ]);
  expect(density.map(({ share }) => share)).toEqual([1 / 6, 1 / 6, 2 / 6, 2 / 6]);
});

describe('the width of a bin', () => {
  const widthOf = (times: readonly number[]): number => {
    const [{ fromMs, toMs } = { fromMs: 0, toMs: 0 }] = summarize(times).density;
    return Number((toMs - fromMs).toFixed(4));
  };
  /** So many times, spread evenly over so many milliseconds. */
  const even = (count: number, ms: number) =>
    Array.from({ length: count }, (_, index) => (index * ms) / count);

  test.each([
    ['follows the spread', even(1_000, 10), 1],
    ['is ten times as wide for times ten times as long', even(1_000, 100), 10],
    ['is narrower for more times', even(64_000, 100), 2],
    ['is at most a fifth of the range', [1, 2, 3], 0.2],
    [
      'is by the deviation if half of the times are the same',
      [...even(100, 0), ...even(25, 40)],
      5,
    ],
    ['is not ruled by a few long times', [...even(900, 10), 150, 200], 1],
    ['can be seen beside a time that is very long', [...even(1_000, 10), 8_000], 20],
    ['is no less than a clock shows', even(100_000, 1), 0.1],
    ['is one millisecond for times that are the same', [40, 40, 40], 1],
  ] as const)('%s', (_words, times, width) => {
    expect(widthOf(times)).toBe(width);
  });

  test('keeps times of whole hops in one bin each', () => {
    const hops = Array.from({ length: 300 }, (_, index) => 0.1 * (200 * (1 + (index % 3))));
    expect(
      summarize(hops)
        .density.map(({ fromMs }) => fromMs)
        .sort(),
    ).toEqual([20, 40, 60]);
  });
});

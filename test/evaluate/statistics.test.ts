// The figures of a sample of times.
import { expect, test } from 'vitest';
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
    density: [{ fromMs: 5, toMs: 10, share: 1 }],
  });
});

test('of none', () => {
  const none = { meanMs: null, deviationMs: null, p50Ms: null, p99Ms: null, p999Ms: null };
  expect(summarize([])).toEqual({ count: 0, ...none, density: [] });
});

test('a density whose shares add up to 1, by ascending time', () => {
  const { density } = summarize([41, 12, 10, 14.9, 15, 40]);
  expect(density.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
    ...[
      [10, 15],
      [15, 20],
      [40, 45],
    ],
  ]);
  expect(density.map(({ share }) => share)).toEqual([3 / 6, 1 / 6, 2 / 6]);
});

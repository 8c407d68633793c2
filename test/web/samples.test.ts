// Which states a long run keeps.
import { expect, it } from 'vitest';
import { Samples } from '../../src/web/run/samples.ts';

/** The cursors that are kept of a run with so many events. */
function sample(events: number): number[] {
  const samples = new Samples<null>();
  for (let count = 0; count <= events; count += 1) {
    if (samples.isDue(count)) samples.add(count, null);
  }
  return samples.kept.map(({ cursor }) => cursor);
}

it('keeps nothing of a short run', () => {
  expect(sample(99_999)).toEqual([]);
});

it('keeps states at equal distances', () => {
  expect(sample(350_000)).toEqual([100_000, 200_000, 300_000]);
});

it('keeps a bounded number, however long the run is, and at equal distances', () => {
  const kept = sample(20_000_000);
  expect(kept.length).toBeLessThan(32);
  expect(kept.length).toBeGreaterThan(15);
  const distances = kept.map((cursor, place) => cursor - (kept[place - 1] ?? 0));
  expect(new Set(distances).size).toBe(1);
});

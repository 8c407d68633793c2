import { describe, expect, it } from 'vitest';
import { Sample } from '../../../src/protocols/sharded/sample.ts';

function sampleOf(size: number, secondaries: readonly number[]): Sample {
  const sample = new Sample(size);
  sample.serve(secondaries);
  return sample;
}

function confirmed(byId: Record<number, number>) {
  return (id: number): number => byId[id] ?? 0;
}

/** Draws the last that is left, each time. */
const last = (): number => 0.999;

describe('a sample', () => {
  it('is first those that joined first', () => {
    const sample = sampleOf(2, [3, 1, 2]);
    expect(sample.urgent).toEqual([3, 1]);
    expect(sample.least(confirmed({ 3: 5, 1: 4, 2: 9 }))).toBe(4);
  });

  it('is drawn anew, and counts when all of it have caught up', () => {
    const sample = sampleOf(1, [1, 2, 3]);
    sample.draw(last, 7);
    expect(sample.urgent).toEqual([1, 3]);
    expect(sample.least(confirmed({ 1: 9, 3: 6 }))).toBe(9);
    expect(sample.least(confirmed({ 1: 9, 3: 7 }))).toBe(7);
    expect(sample.urgent).toEqual([3]);
    expect(sample.least(confirmed({ 1: 12, 3: 8 }))).toBe(8);
  });

  it('never has one that left the group, neither now nor next', () => {
    const sample = sampleOf(1, [1, 2, 3]);
    sample.draw(last, 7);
    sample.serve([1, 2]);
    expect(sample.urgent).toEqual([1]);
    sample.serve([2]);
    expect(sample.urgent).toEqual([2]);
    expect(sample.least(confirmed({ 1: 9, 2: 3, 3: 9 }))).toBe(3);
  });

  it('grows with the group, up to its size', () => {
    const sample = sampleOf(2, []);
    expect(sample.least(confirmed({}))).toBe(Number.POSITIVE_INFINITY);
    sample.serve([4]);
    expect(sample.least(confirmed({ 4: 2 }))).toBe(2);
    sample.serve([4, 5, 6]);
    expect(sample.urgent).toEqual([4, 5]);
  });

  it('of none asks none', () => {
    const sample = sampleOf(0, [1, 2]);
    sample.draw(last, 7);
    expect(sample.urgent).toEqual([]);
    expect(sample.least(confirmed({}))).toBe(Number.POSITIVE_INFINITY);
  });

  it('is drawn without one secondary twice, and from all of them', () => {
    const sample = sampleOf(2, [1, 2, 3]);
    const seen = new Set<number>();
    for (let step = 0; step < 30; step += 1) {
      sample.draw(() => ((step * 7) % 10) / 10, 0);
      sample.least(() => 1);
      expect(new Set(sample.urgent).size).toBe(2);
      for (const id of sample.urgent) seen.add(id);
    }
    expect(seen).toEqual(new Set([1, 2, 3]));
  });
});

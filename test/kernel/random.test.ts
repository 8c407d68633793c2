import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandomStream, randomBelow } from '../../src/kernel/random.ts';

/** Computed by another program from the published algorithms. */
const FROZEN_NETWORK = [2195529631, 1583469648, 1466124667, 4059763884];
const FROZEN_NODE = [8938755, 2004958044, 577266495, 2634297257];

const take = (seed: number, concern: string, count: number): number[] => {
  const random = createRandomStream(seed, concern);
  return Array.from({ length: count }, random);
};

describe('createRandomStream', () => {
  it('gives these numbers for ever: a recorded seed must stay the same run', () => {
    expect(take(1, 'network', 4).map((x) => x * 2 ** 32)).toEqual(FROZEN_NETWORK);
    expect(take(7, 'node 0.1', 4).map((x) => x * 2 ** 32)).toEqual(FROZEN_NODE);
  });

  it('gives the same numbers for the same seed and concern', () => {
    fc.assert(
      fc.property(fc.integer(), fc.string(), (seed, concern) => {
        expect(take(seed, concern, 20)).toEqual(take(seed, concern, 20));
      }),
    );
  });

  it('gives others for another seed or another concern', () => {
    const streams = [0, 1, 2, 3].flatMap((seed) =>
      ['network', 'master', 'node 1.1', 'node 1.2', 'node 11.1'].map((concern) =>
        take(seed, concern, 3).join(),
      ),
    );
    expect(new Set(streams).size).toBe(streams.length);
  });

  it('stays in [0, 1)', () => {
    fc.assert(
      fc.property(fc.integer(), fc.string(), (seed, concern) => {
        expect(take(seed, concern, 50).every((x) => x >= 0 && x < 1)).toBe(true);
      }),
    );
  });

  it('is spread evenly: chi-squared over 100 boxes and 100,000 draws', () => {
    const counts = new Array<number>(100).fill(0);
    for (const x of take(3, 'workload', 100_000)) count(counts, x);
    expect(chiSquared(counts)).toBeLessThan(160);
  });

  it.each([0, 1, 2, 3])('is spread evenly over seeds at draw %i', (draw) => {
    const counts = new Array<number>(100).fill(0);
    for (let seed = 0; seed < 20_000; seed += 1) {
      count(counts, take(seed, 'faults', draw + 1)[draw] as number);
    }
    expect(chiSquared(counts)).toBeLessThan(160);
  });

  it.each([0, 1, 2, 3])('is unlike the stream of a similar name at draw %i', (draw) => {
    let close = 0;
    for (let seed = 0; seed < 10_000; seed += 1) {
      const [a, b] = ['node 0.1', 'node 0.2'].map((name) => take(seed, name, draw + 1)[draw]);
      if (Math.abs((a as number) - (b as number)) < 0.01) close += 1;
    }
    expect(close / 10_000).toBeGreaterThan(0.013);
    expect(close / 10_000).toBeLessThan(0.027);
  });
});

describe('randomBelow', () => {
  it('gives whole numbers from 0, each as often', () => {
    const random = createRandomStream(5, 'dice');
    const counts = new Array<number>(6).fill(0);
    for (let roll = 0; roll < 60_000; roll += 1) {
      const face = randomBelow(random, 6);
      counts[face] = (counts[face] as number) + 1;
    }
    expect(counts).toHaveLength(6);
    expect(chiSquared(counts)).toBeLessThan(25);
  });

  it('never reaches its bound', () => {
    expect(randomBelow(() => 0xffff_ffff / 2 ** 32, 7)).toBe(6);
    expect(randomBelow(() => 0, 7)).toBe(0);
    expect(randomBelow(() => 0.99, 1)).toBe(0);
  });
});

function count(counts: number[], x: number): void {
  const box = Math.floor(x * counts.length);
  counts[box] = (counts[box] as number) + 1;
}

function chiSquared(counts: readonly number[]): number {
  const expected = counts.reduce((sum, n) => sum + n, 0) / counts.length;
  return counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
}

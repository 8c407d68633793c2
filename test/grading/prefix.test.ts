import { describe, expect, it } from 'vitest';
import { findPrefix } from '../../src/grading/prefix.ts';

/** Which beginnings fail, from how many commands on; how often it may run. */
async function search(
  commands: number,
  guess: number,
  fails: (count: number) => boolean,
  runs = 99,
) {
  const tried: number[] = [];
  const found = await findPrefix({
    commands,
    guess,
    fails: async (count) => {
      tried.push(count);
      return tried.length > runs ? undefined : fails(count);
    },
  });
  return { found, tried };
}

const from = (least: number) => (count: number) => count >= least;

describe('the search for the smallest beginning that fails', () => {
  it('begins with the answer that failed', async () => {
    const { found, tried } = await search(100, 40, from(37));
    expect(found).toEqual({ commands: 37, isCertain: true });
    expect(tried[0]).toBe(40);
    expect(tried.length).toBeLessThanOrEqual(8);
  });

  it('finds each of them in a few runs', async () => {
    for (let least = 1; least <= 100; least += 1) {
      const { found } = await search(100, 100, from(least));
      expect(found).toEqual({ commands: least, isCertain: true });
    }
  });

  it('says if the guess did not fail again', async () => {
    const { found } = await search(20, 5, from(9));
    expect(found).toEqual({ commands: 9, isCertain: false });
  });

  it('finds none if the script does not fail again', async () => {
    expect((await search(20, 20, () => false)).found).toBeUndefined();
    expect((await search(20, 5, () => false)).found).toBeUndefined();
  });

  it('gives what it has when the time is up', async () => {
    expect((await search(100, 40, from(1), 2)).found).toEqual({ commands: 20, isCertain: true });
    expect((await search(100, 100, from(60), 2)).found).toBeUndefined();
    expect((await search(100, 40, from(1), 0)).found).toBeUndefined();
  });

  it('runs eight times at most', async () => {
    const { tried } = await search(100_000, 100_000, from(70_000));
    expect(tried).toHaveLength(8);
  });
});

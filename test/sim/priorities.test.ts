// Delays by priority: constant for each direction, but for a few changes, and spread so that many
// messages of fast directions pass one of a slow direction.
import { describe, expect, it } from 'vitest';
import { createRandomStream } from '../../src/kernel/random.ts';
import { HEALTHY_NETWORK, Network } from '../../src/sim/network.ts';
import { Priorities, STRETCH } from '../../src/sim/priorities.ts';

const PAIRS = [0, 1, 2, 3, 4].map((from) => [from, from + 1] as const);

/** By direction: the delays of its messages in one stretch, in which all send in turn. */
function delaysOfStretch(priorities: Priorities, depth: number): number[][] {
  const delays: number[][] = PAIRS.map(() => []);
  for (let sent = 0; sent < STRETCH; sent += 1) {
    const index = sent % PAIRS.length;
    const [from, to] = PAIRS[index] as readonly [number, number];
    delays[index]?.push(priorities.delay(from, to, depth, 1, 100));
  }
  return delays;
}

describe('priorities', () => {
  it('give each direction a delay of its own, within the bounds, for a stretch', () => {
    const priorities = new Priorities(1);
    const [first, second] = [delaysOfStretch(priorities, 1), delaysOfStretch(priorities, 1)];
    for (const delays of [...first, ...second]) expect(new Set(delays).size).toBe(1);
    const all = [...first, ...second].map(([delay]) => delay ?? Number.NaN);
    expect(new Set(all).size).toBe(2 * PAIRS.length);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...all)).toBeLessThanOrEqual(100);
  });

  it('change at d-1 moments at most, each time to the lowest, and stay there', () => {
    const counts = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((seed) => {
      const changed = delaysOfStretch(new Priorities(seed), 3).filter(
        (delays) => new Set(delays).size > 1,
      );
      for (const delays of changed) {
        expect(delays.at(-1)).toBeCloseTo(100, 6);
        expect(new Set(delays).size).toBe(2);
      }
      return changed.length;
    });
    expect(Math.max(...counts)).toBe(2);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(10);
  });

  it('stay within bounds that leave no choice', () => {
    expect(new Priorities(1).delay(0, 1, 2, 5, 5)).toBe(5);
    expect(new Priorities(1).delay(0, 1, 2, 0, 0)).toBe(0);
  });

  it('let four messages in a row pass one far more often than delays that are each random', () => {
    const RUNS = 2_000;
    let byPriority = 0;
    let evenly = 0;
    const random = createRandomStream(1, 'test');
    const even = (): number => 1 + random() * 99;
    for (let seed = 1; seed <= RUNS; seed += 1) {
      const priorities = new Priorities(seed);
      const delay = (from: number): number => priorities.delay(from, from + 1, 1, 1, 100);
      if (delay(1) + delay(2) + delay(3) + delay(4) < delay(0)) byPriority += 1;
      if (even() + even() + even() + even() < even()) evenly += 1;
    }
    expect(evenly).toBeLessThan(RUNS / 50);
    expect(byPriority).toBeGreaterThan(3 * evenly);
    expect(byPriority).toBeGreaterThan(RUNS / 25);
  });
});

describe('a network with priorities', () => {
  const plan = { ...HEALTHY_NETWORK, maxDelayMs: 100 };

  it('keeps the order of a direction; without, messages overtake each other', () => {
    const arrivals = (depth: number): number[] => {
      const network = new Network(1, { ...plan, depth });
      network.link(0, 1);
      return Array.from({ length: 100 }, (_, at) => at + (network.send(0, 1, at)[0] ?? 0));
    };
    const sorted = (times: readonly number[]): number[] => [...times].sort((a, b) => a - b);
    expect(arrivals(1)).toEqual(sorted(arrivals(1)));
    expect(arrivals(0)).not.toEqual(sorted(arrivals(0)));
  });

  it('gives no message a delay of its own', () => {
    const certainOf = (depth: number): (number | undefined)[] => {
      const network = new Network(1, { ...plan, depth });
      network.link(0, 1);
      const link = network.find(0, 1);
      if (link === undefined) throw new Error('there is a link');
      return [network.delayIfCertain(0, 1, link)];
    };
    expect(certainOf(2)).toEqual([undefined]);
    expect(certainOf(0)).not.toEqual([undefined]);
  });

  it('still loses, repeats and holds up messages, and takes up what is set for a link', () => {
    const troubled = { ...plan, loss: 0.2, duplication: 0.2, tail: 0.2, tailDelayMs: 3000 };
    const network = new Network(1, { ...troubled, depth: 2 });
    network.link(0, 1);
    const sent = Array.from({ length: 300 }, () => network.send(0, 1, 0));
    expect(sent.filter(({ length }) => length === 0).length).toBeGreaterThan(30);
    expect(sent.filter(({ length }) => length === 2).length).toBeGreaterThan(30);
    expect(sent.flat().filter((delay) => delay > 100).length).toBeGreaterThan(30);
    expect(Math.max(...sent.flat())).toBeLessThanOrEqual(3000);
  });
});

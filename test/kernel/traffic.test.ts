// The fates of messages on a link: their shares, the distributions of their delays, their order.
import { describe, expect, test } from 'vitest';
import type { Delay, LinkSetting } from '../../src/kernel/linkSettings.ts';
import { createRandomStream } from '../../src/kernel/random.ts';
import {
  createTraffic,
  LONGEST_LINK_DELAY_MS,
  sampleDelay,
  type Usual,
} from '../../src/kernel/traffic.ts';

const SENT = 20_000;
const AT_ONCE: Usual = { loss: 0, duplication: 0, delay: () => 0 };

function sample(delay: Delay): number[] {
  const random = createRandomStream(1, 'delays');
  return Array.from({ length: SENT }, () => sampleDelay(delay, random));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
}

/** The delays of messages that are sent one after the other, `everyMs` apart. */
function sendAll(setting: LinkSetting, everyMs = 1, usual = AT_ONCE, seed = 1): number[][] {
  const traffic = createTraffic(seed, 1, 0, 1);
  return Array.from({ length: SENT }, (_, index) => traffic.send(index * everyMs, usual, setting));
}

describe('a delay', () => {
  test('can be constant', () => {
    expect(new Set(sample({ kind: 'uniform', leastMs: 5, mostMs: 5 }))).toEqual(new Set([5]));
  });

  test('can be uniform, from the least to the most', () => {
    const delays = sample({ kind: 'uniform', leastMs: 20, mostMs: 100 });
    expect(Math.min(...delays)).toBe(20);
    expect(Math.max(...delays)).toBe(100);
    expect(Math.abs(meanOf(delays) - 60)).toBeLessThan(1);
    expect(Math.abs(deviationOf(delays) - 80 / Math.sqrt(12))).toBeLessThan(0.5);
  });

  test('can be normal', () => {
    const delays = sample({ kind: 'normal', meanMs: 1_000, deviationMs: 100 });
    expect(Math.abs(meanOf(delays) - 1_000)).toBeLessThan(3);
    expect(Math.abs(deviationOf(delays) - 100)).toBeLessThan(2);
    const within = delays.filter((ms) => Math.abs(ms - 1_000) < 100).length / SENT;
    expect(Math.abs(within - 0.6827)).toBeLessThan(0.01);
  });

  test('is never below 0: what a normal one would have there is 0', () => {
    const delays = sample({ kind: 'normal', meanMs: 50, deviationMs: 50 });
    expect(Math.min(...delays)).toBe(0);
    // One of six lies more than one deviation below the mean.
    const atOnce = delays.filter((ms) => ms === 0).length / SENT;
    expect(Math.abs(atOnce - 0.1587)).toBeLessThan(0.01);
  });

  test('is never above the limit', () => {
    const delays = sample({ kind: 'normal', meanMs: 5_000, deviationMs: 5_000 });
    expect(Math.max(...delays)).toBe(LONGEST_LINK_DELAY_MS);
  });
});

describe('messages', () => {
  test('are lost and repeated as often as set', () => {
    const fates = sendAll({ loss: 0.3, duplication: 0.25 });
    const shareOf = (copies: number): number =>
      fates.filter(({ length }) => length === copies).length / SENT;
    expect(Math.abs(shareOf(0) - 0.3)).toBeLessThan(0.01);
    expect(Math.abs(shareOf(2) - 0.7 * 0.25)).toBeLessThan(0.01);
  });

  test('are as usual in all that is not set', () => {
    const usual: Usual = { loss: 1, duplication: 1, delay: () => 7 };
    expect(sendAll({ loss: 0 }, 1, usual)[0]).toEqual([7, 7]);
    expect(sendAll({ duplication: 0 }, 1, usual)[0]).toEqual([]);
    const delay: Delay = { kind: 'uniform', leastMs: 3, mostMs: 3 };
    expect(sendAll({ loss: 0, delay }, 1, usual)[0]).toEqual([3, 3]);
  });

  test('overtake each other, unless their order is kept', () => {
    const delay: Delay = { kind: 'uniform', leastMs: 0, mostMs: 100 };
    const countOvertaking = (setting: LinkSetting): number => {
      const arrivals = sendAll(setting, 0.1).flatMap((delays, index) =>
        delays.map((ms) => index * 0.1 + ms),
      );
      return arrivals.filter((at, index) => index > 0 && at < (arrivals[index - 1] ?? 0)).length;
    };
    expect(countOvertaking({ delay, duplication: 0.2 })).toBeGreaterThan(SENT / 4);
    expect(countOvertaking({ delay, duplication: 0.2, isOrdered: true })).toBe(0);
  });

  test('wait for no other that is not ahead of them', () => {
    const delay: Delay = { kind: 'uniform', leastMs: 0, mostMs: 100 };
    const [free, ordered] = [sendAll({ delay }, 101), sendAll({ delay, isOrdered: true }, 101)];
    expect(ordered).toEqual(free);
  });

  test('have fates that follow from the seed, the link and the direction', () => {
    const fatesOf = (seed: number, ...[link, from, to]: [number, number, number]): number[][] => {
      const traffic = createTraffic(seed, link, from, to);
      return Array.from({ length: 20 }, () => traffic.send(0, AT_ONCE, { loss: 0.5 }));
    };
    const fates = fatesOf(1, 1, 0, 1);
    expect(fatesOf(1, 1, 0, 1)).toEqual(fates);
    for (const other of [fatesOf(2, 1, 0, 1), fatesOf(1, 2, 0, 1), fatesOf(1, 1, 1, 0)]) {
      expect(other).not.toEqual(fates);
    }
  });
});

import { describe, expect, test } from 'vitest';
import { Interruption, SignalFilter } from '../../src/master/interruption.ts';

describe('an interruption', () => {
  test('has the status of its first reason', async () => {
    const interruption = new Interruption();
    expect(interruption.status).toBeUndefined();
    interruption.interrupt(130);
    interruption.interrupt(143);
    expect([interruption.status, await interruption.happened]).toEqual([130, 130]);
  });
});

describe('a signal', () => {
  test('counts once, with all copies of it within half a second', () => {
    const filter = new SignalFilter();
    const times = [1000, 1000, 1001, 1499, 1500];
    expect(times.map((at) => filter.isNew('SIGINT', at))).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  test('counts again after that, however many copies came before', () => {
    const filter = new SignalFilter();
    const times = [0, 300, 501, 900, 1002];
    expect(times.map((at) => filter.isNew('SIGINT', at))).toEqual([true, false, true, false, true]);
  });

  test('is no copy of another signal', () => {
    const filter = new SignalFilter();
    expect(filter.isNew('SIGINT', 0)).toBe(true);
    expect(filter.isNew('SIGTERM', 1)).toBe(true);
  });
});

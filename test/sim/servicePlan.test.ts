import { describe, expect, it } from 'vitest';
import { CUT_OFF_MS, ServiceFaults, USUAL_SERVICE } from '../../src/sim/servicePlan.ts';

const usual = (): number => 3;

describe('the way to a configuration service', () => {
  it('is as fast as others, and open, unless a plan says otherwise', () => {
    const faults = new ServiceFaults(1, USUAL_SERVICE);
    expect([faults.delay(usual), faults.isCutOff(0, 5_000)]).toEqual([3, false]);
    expect(faults.troubles).toEqual({ slow: 0, cutOff: 0 });
  });

  it('is slow within its bounds, and holds some messages up', () => {
    const plan = { ...USUAL_SERVICE, minDelayMs: 1, maxDelayMs: 50, tail: 0.2, tailDelayMs: 900 };
    const faults = new ServiceFaults(1, plan);
    const delays = Array.from({ length: 500 }, () => faults.delay(usual));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...delays)).toBeLessThanOrEqual(900);
    const late = delays.filter((ms) => ms > 50).length;
    expect(late).toBeGreaterThan(50);
    expect(late).toBeLessThan(150);
    expect(faults.troubles.slow).toBe(500);
  });

  it('holds some messages up though all others are as fast as usual', () => {
    const faults = new ServiceFaults(1, { ...USUAL_SERVICE, tail: 0.2, tailDelayMs: 900 });
    const delays = Array.from({ length: 500 }, () => faults.delay(usual));
    expect(delays.filter((ms) => ms === 3).length).toBeGreaterThan(350);
    expect(delays.filter((ms) => ms > 50).length).toBeGreaterThan(50);
  });

  it('is cut off for whole stretches, each server by itself', () => {
    const faults = new ServiceFaults(7, { ...USUAL_SERVICE, cutOff: 0.3 });
    const stretches = Array.from({ length: 400 }, (_, index) => {
      const within = [0, 0.5, 0.99].map((part) => (index + part) * CUT_OFF_MS);
      const cut = new Set(within.map((now) => faults.isCutOff(index % 5, now)));
      expect(cut.size).toBe(1);
      return [...cut][0];
    });
    const share = stretches.filter((isCut) => isCut).length / stretches.length;
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.4);
    expect(new Set([0, 1, 2, 3, 4].map((id) => faults.isCutOff(id, 0))).size).toBe(2);
  });

  it('is well again when the plan is', () => {
    const faults = new ServiceFaults(1, { ...USUAL_SERVICE, cutOff: 1 });
    expect(faults.isCutOff(0, 0)).toBe(true);
    faults.plan = USUAL_SERVICE;
    expect(faults.isCutOff(0, 0)).toBe(false);
  });
});

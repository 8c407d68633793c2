// The faults of one node's machine: its clocks, its speed, its stops.
import { describe, expect, it } from 'vitest';
import {
  HEALTHY_NODES,
  NodeFaults,
  SHORTEST_STALL_MS,
  STRETCH_MS,
} from '../../src/sim/nodePlan.ts';

const IDS = Array.from({ length: 200 }, (_, id) => id);

describe('a healthy machine', () => {
  it('keeps the time of the world, and is never slow nor stopped', () => {
    const faults = new NodeFaults(1, HEALTHY_NODES);
    const machine = faults.of(0);
    expect(machine.now(1234.625)).toBe(1234.625);
    expect(machine.wallClock(1234.625)).toBe(Date.UTC(2000, 0) + 1234);
    expect(machine.lasting(7.125)).toBe(7.125);
    expect([machine.stepMs(1234), machine.stallMs()]).toEqual([0, 0]);
    expect(faults.troubles).toEqual({ drifting: 0, jumped: 0, slow: 0, stalled: 0 });
  });
});

describe('a clock', () => {
  const drifting = { ...HEALTHY_NODES, drifting: 0.5, drift: 0.2 };

  it('drifts in the share of nodes, in either direction, by half of the drift at least', () => {
    const faults = new NodeFaults(1, drifting);
    const rates = IDS.map((id) => faults.of(id).now(1000) / 1000).filter((rate) => rate !== 1);
    expect(rates.length).toBe(faults.troubles.drifting);
    expect(rates.length).toBeGreaterThan(70);
    expect(rates.length).toBeLessThan(130);
    expect(rates.filter((rate) => rate < 1).length).toBeGreaterThan(20);
    expect(rates.filter((rate) => rate > 1).length).toBeGreaterThan(20);
    for (const rate of rates) {
      expect(Math.abs(rate - 1)).toBeLessThanOrEqual(0.2);
      expect(Math.abs(rate - 1)).toBeGreaterThanOrEqual(0.0999);
    }
  });

  it('has timers that are never early, and late by an eighth of a millisecond at most', () => {
    const faults = new NodeFaults(1, drifting);
    for (const machine of IDS.map((id) => faults.of(id))) {
      for (const ms of [0, 0.125, 1, 33.375, 2000]) {
        const lasted = machine.now(500 + machine.lasting(ms)) - machine.now(500);
        expect(lasted).toBeGreaterThanOrEqual(ms - 1e-9);
        expect(lasted).toBeLessThan(ms + 0.16);
      }
    }
  });

  it('goes on from where it is when the faults end, and is the same in every life', () => {
    const faults = new NodeFaults(1, { ...drifting, drifting: 1 });
    const machine = faults.of(0);
    const before = machine.now(1000);
    faults.change(HEALTHY_NODES, 1000);
    expect(faults.of(0)).toBe(machine);
    expect(machine.now(1000)).toBe(before);
    expect(machine.now(1500)).toBe(before + 500);
    faults.change(drifting, 1500);
    expect(machine.now(1500)).toBe(before + 500);
  });

  it('is wrong by day for whole stretches, while the time since a moment goes on evenly', () => {
    const faults = new NodeFaults(3, { ...HEALTHY_NODES, jumping: 0.3, jumpMs: 5000 });
    const errors = IDS.map((id) => {
      const machine = faults.of(id % 5);
      const within = [0, 0.5, 0.99].map((part) => (id + part) * STRETCH_MS);
      expect(within.map((at) => machine.now(at))).toEqual(within);
      const own = within.map((at) => machine.wallClock(at) - Math.floor(at) - Date.UTC(2000, 0));
      expect(new Set(own).size).toBe(1);
      return own[0] ?? Number.NaN;
    });
    const wrong = errors.filter((error) => error !== 0);
    expect(wrong.length).toBeGreaterThan(35);
    expect(wrong.length).toBeLessThan(85);
    expect(Math.min(...errors)).toBeLessThan(-2500);
    expect(Math.max(...errors)).toBeGreaterThan(2500);
    expect(Math.max(...errors.map(Math.abs))).toBeLessThanOrEqual(5000);
    expect(faults.troubles.jumped).toBe(3 * wrong.length);
  });
});

describe('a step', () => {
  it('takes long for whole stretches, each node by itself', () => {
    const faults = new NodeFaults(1, { ...HEALTHY_NODES, slow: 0.3, stepMs: 20 });
    const slow = IDS.filter((index) => {
      const steps = [0, 0.99].map((part) =>
        faults.of(index % 5).stepMs((index + part) * STRETCH_MS),
      );
      expect([0, 20]).toContain(steps[0]);
      expect(steps[1]).toBe(steps[0]);
      return steps[0] === 20;
    });
    expect(slow.length).toBeGreaterThan(35);
    expect(slow.length).toBeLessThan(85);
    expect(faults.troubles.slow).toBe(2 * slow.length);
  });

  it('comes after a stop now and then, within the bounds', () => {
    const faults = new NodeFaults(1, { ...HEALTHY_NODES, stall: 0.2, stallMs: 3000 });
    const stops = Array.from({ length: 500 }, () => faults.of(0).stallMs()).filter((ms) => ms > 0);
    expect(stops.length).toBe(faults.troubles.stalled);
    expect(stops.length).toBeGreaterThan(60);
    expect(stops.length).toBeLessThan(140);
    expect(Math.min(...stops)).toBeGreaterThanOrEqual(SHORTEST_STALL_MS);
    expect(Math.max(...stops)).toBeGreaterThan(2000);
    expect(Math.max(...stops)).toBeLessThanOrEqual(3000);
  });
});

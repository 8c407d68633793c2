import { describe, expect, it } from 'vitest';
import { clampWindow, fitAll, reveal, zoom } from '../../src/web/picture/frame.ts';
import { place } from '../../src/web/picture/layout.ts';
import { placeOfTime, placeTicks, timeAt } from '../../src/web/picture/places.ts';
import { countBelow, Spans } from '../../src/web/picture/spans.ts';
import { createChance, modelOf, randomTrace, traceOf } from './runs.ts';

const note = (at: number, node = 0) =>
  ({ event: 'note', node, label: 'x', detail: null, at }) as const;

describe('places by time', () => {
  it('shorten a long empty stretch, and say how long it was', () => {
    const model = modelOf(traceOf(note(0), note(1), note(2), note(10_002), note(10_003)));
    const { x, gaps, width } = place(model, 'time', false);
    expect(gaps).toEqual([{ from: 2, to: x[3], ms: 10_000 }]);
    expect(width).toBeLessThan(60);
    expect((x[4] as number) - (x[3] as number)).toBeCloseTo(1);
  });

  it('set what one node does at one instant side by side, and two nodes above each other', () => {
    const model = modelOf(traceOf(note(0), note(1), note(1), note(1, 1), note(2)));
    const { x } = place(model, 'time', false);
    expect(x[2]).toBeGreaterThan(x[1] as number);
    expect(x[3]).toBe(x[1]);
    expect(x[4]).toBeGreaterThan(x[2] as number);
  });

  it.each([1, 2])('turn into times and back, seed %i', (seed) => {
    const model = modelOf(randomTrace(seed, 200));
    const places = place(model, 'time', true);
    for (let time = 0; time < 66; time += 0.5) {
      expect(timeAt(places, placeOfTime(places, time))).toBeCloseTo(time);
    }
    let last = -1;
    for (let x = 0; x <= places.width; x += places.width / 500) {
      const time = timeAt(places, x);
      expect(time).toBeGreaterThanOrEqual(last);
      last = time;
    }
  });

  it('have round ticks that keep their distance', () => {
    const model = modelOf(traceOf(...Array.from({ length: 200 }, (_, at) => note(at * 1.37))));
    const places = place(model, 'time', false);
    const ticks = placeTicks(places, 0, places.width, places.width / 8);
    expect(ticks.length).toBeGreaterThan(3);
    for (const [at, { value, x }] of ticks.entries()) {
      expect(value % 50).toBe(0);
      const before = ticks[at - 1];
      if (before !== undefined) expect(x - before.x).toBeGreaterThanOrEqual(places.width / 8);
    }
  });
});

describe('windows', () => {
  it('stay within the whole, and keep the place under the pointer', () => {
    const { from, to } = zoom({ from: 0, to: 100 }, 0.5, 20);
    expect((20 - from) / (to - from)).toBeCloseTo(0.2);
    expect(to - from).toBe(50);
    expect(clampWindow({ from: -500, to: 500 }, 100, 1)).toEqual(fitAll(100));
    expect(clampWindow({ from: 300, to: 310 }, 100, 1).to).toBe(fitAll(100).to);
    expect(clampWindow({ from: 5, to: 5.001 }, 100, 2)).toEqual({ from: 5, to: 7 });
  });

  it('move as little as needed to show a place', () => {
    expect(reveal({ from: 0, to: 100 }, 50)).toEqual({ from: 0, to: 100 });
    expect(reveal({ from: 0, to: 100 }, 150)).toEqual({ from: 58, to: 158 });
  });
});

describe('Spans', () => {
  it.each([1, 2, 3])('finds what a search of all finds, seed %i', (seed) => {
    const chance = createChance(seed);
    const from = Float64Array.from({ length: 1500 }, () => chance() * 1000);
    const to = from.map((start) => start + chance() ** 6 * 500);
    const spans = new Spans(from, to);
    for (let at = 0; at < 40; at += 1) {
      const low = chance() * 1000;
      const high = low + chance() * 80;
      const expected = [...from.keys()].filter(
        (index) => (from[index] as number) <= high && (to[index] as number) >= low,
      );
      expect([...spans.within(low, high)]).toEqual(expected);
    }
  });

  it('countBelow counts what is less', () => {
    const values = Float64Array.of(1, 2, 2, 5);
    expect([0, 1, 2, 3, 9].map((value) => countBelow(values, value))).toEqual([0, 0, 1, 3, 4]);
  });
});

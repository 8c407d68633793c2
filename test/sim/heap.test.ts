import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventHeap, Task } from '../../src/sim/heap.ts';

describe('EventHeap', () => {
  it('gives what a sorted array gives, whatever is added and taken in between', () => {
    const step = fc.option(fc.integer({ min: 0, max: 20 }), { freq: 3 });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
        const heap = new EventHeap();
        const sorted: { time: number; sequence: number }[] = [];
        for (const [sequence, time] of steps.entries()) {
          if (time === null) {
            expect(heap.first).toBe(sorted[0]);
            expect(heap.take()).toBe(sorted.shift());
            continue;
          }
          const item = Object.assign(new Task(() => undefined), { time, sequence });
          heap.add(item);
          sorted.push(item);
          sorted.sort((a, b) => a.time - b.time || a.sequence - b.sequence);
        }
        while (sorted.length > 0) expect(heap.take()).toBe(sorted.shift());
        expect(heap.take()).toBeUndefined();
        expect(heap.first).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });
});

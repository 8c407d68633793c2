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
        const found: unknown[] = [];
        const expected: unknown[] = [];
        for (const [sequence, time] of steps.entries()) {
          if (time === null) {
            found.push(heap.first, heap.take());
            expected.push(sorted[0], sorted.shift());
            continue;
          }
          const item = Object.assign(new Task(() => undefined), { time, sequence });
          heap.add(item);
          sorted.push(item);
          sorted.sort((a, b) => a.time - b.time || a.sequence - b.sequence);
        }
        while (sorted.length > 0) {
          found.push(heap.take());
          expected.push(sorted.shift());
        }
        // Hundreds of thousands of calls of `expect` would take most of the time.
        expect(found.findIndex((item, index) => item !== expected[index])).toBe(-1);
        expect(heap.take()).toBeUndefined();
        expect(heap.first).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });
});

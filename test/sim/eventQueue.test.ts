import { describe, expect, it } from 'vitest';
import { createRandomStream, randomBelow } from '../../src/kernel/random.ts';
import { EventQueue } from '../../src/sim/eventQueue.ts';
import { Task } from '../../src/sim/heap.ts';
import { sample } from '../support/extent.ts';

/** The dumb queue: looks at everything to find what is next. */
class DumbQueue {
  readonly items: { time: number; sequence: number; name: string }[] = [];
  #sequence = 0;

  add(time: number, name: string): () => void {
    const item = { time, sequence: this.#sequence, name };
    this.#sequence += 1;
    this.items.push(item);
    return () => {
      const index = this.items.indexOf(item);
      if (index >= 0) this.items.splice(index, 1);
    };
  }

  take() {
    this.items.sort((a, b) => a.time - b.time || a.sequence - b.sequence);
    return this.items.shift();
  }
}

/** Short delays, some long ones that come again and again, and more of them than have a lane. */
const DELAYS = [0, 0.125, 1, 5, 99, 100, 1_000, 1_000, 1_000, 2_500];

describe('EventQueue', () => {
  it.each(sample([1, 2, 3, 4, 5], 1))(
    'gives what the dumb queue gives, cancelled or not: seed %i',
    (seed) => {
      const random = createRandomStream(seed, 'queue');
      const [queue, dumb] = [new EventQueue(), new DumbQueue()];
      const cancels: (() => void)[] = [];
      const taken: string[] = [];
      let now = 0;
      for (let count = 0; count < 20_000; count += 1) {
        const chance = random();
        if (chance < 0.45) {
          const rare = 100 + randomBelow(random, 40);
          const ms = random() < 0.1 ? rare : (DELAYS[randomBelow(random, DELAYS.length)] as number);
          const item = new Task(() => taken.push(`${count}`));
          queue.add(now, ms, item);
          const forget = dumb.add(now + ms, `${count}`);
          cancels.push(() => {
            queue.cancel(item);
            forget();
          });
        } else if (chance < 0.65) {
          cancels[randomBelow(random, cancels.length || 1)]?.();
        } else {
          const [item, expected] = [queue.take(), dumb.take()];
          expect(item?.time).toBe(expected?.time);
          if (item === undefined) continue;
          item.run();
          expect(taken.at(-1)).toBe(expected?.name);
          now = item.time;
        }
      }
      expect(taken.length).toBeGreaterThan(5_000);
    },
  );

  it('never gives what was cancelled, also when nothing else is left', () => {
    const queue = new EventQueue();
    for (const ms of [0, 50, 100, 5_000]) {
      const item = new Task(() => undefined);
      queue.add(0, ms, item);
      queue.cancel(item);
      queue.cancel(item);
    }
    expect(queue.take()).toBeUndefined();
  });

  it('keeps the order of equal times across short delays and long ones', () => {
    const queue = new EventQueue();
    const order: string[] = [];
    queue.add(0, 1_000, new Task(() => order.push('lane, asked first')));
    queue.add(950, 50, new Task(() => order.push('heap, asked second')));
    queue.add(0, 1_000, new Task(() => order.push('lane, asked third')));
    for (let item = queue.take(); item !== undefined; item = queue.take()) item.run();
    expect(order).toEqual(['lane, asked first', 'heap, asked second', 'lane, asked third']);
  });
});

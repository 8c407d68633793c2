// Many deadlines on one timer: each expires at its own time, and deleted ones never do.
import { expect, it } from 'vitest';
import { Deadlines } from '../../src/rpc/deadlines.ts';
import { monotonicMs } from '../../src/rpc/monotonic.ts';

it('expires what was not deleted, in the order of its time, and never too early', async () => {
  const begunMs = monotonicMs();
  const expired: [id: number, ms: number][] = [];
  await new Promise<void>((resolve) => {
    const deadlines = new Deadlines((id) => {
      expired.push([id, monotonicMs() - begunMs]);
      if (id === 4) deadlines.set(5, 10);
      if (id === 5) resolve();
    });
    deadlines.set(1, 60);
    deadlines.set(2, 20);
    deadlines.set(3, 30);
    deadlines.set(4, 90);
    deadlines.delete(3);
  });
  expect(expired.map(([id]) => id)).toEqual([2, 1, 4, 5]);
  const dueMs = [20, 60, 90, 100];
  for (const [index, [, ms]] of expired.entries()) {
    expect(ms).toBeGreaterThanOrEqual(dueMs[index] ?? Number.POSITIVE_INFINITY);
  }
});

import { describe, expect, test } from 'vitest';
import { Sleeps } from '../../src/kernel/sleeps.ts';

function create() {
  const timers = new Map<() => void, number>();
  const sleeps = new Sleeps((ms, task) => {
    timers.set(task, ms);
    return () => timers.delete(task);
  });
  return { sleeps, timers };
}

describe('a sleep', () => {
  test('ends with its timer', async () => {
    const { sleeps, timers } = create();
    const slept = sleeps.begin(7);
    const [[task, ms] = []] = timers;
    expect(ms).toBe(7);
    task?.();
    await slept;
    expect(timers.size).toBe(0);
  });

  test('ends early when all are woken, and leaves no timer', async () => {
    const { sleeps, timers } = create();
    const slept = [sleeps.begin(1e6), sleeps.begin(2e6)];
    sleeps.wake();
    await Promise.all(slept);
    expect(timers.size).toBe(0);
  });

  test('is not woken by what came before it', async () => {
    const { sleeps, timers } = create();
    sleeps.wake();
    void sleeps.begin(1);
    expect(timers.size).toBe(1);
  });
});

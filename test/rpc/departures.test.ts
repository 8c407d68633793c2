// Messages that leave later: at their times, in their order, or never once they were dropped.
import { expect, test } from 'vitest';
import { Departures } from '../../src/rpc/departures.ts';
import { monotonicMs } from '../../src/rpc/monotonic.ts';

test('leave at their times, and in the order of arrival where these are equal', async () => {
  const departures = new Departures();
  const sent: string[] = [];
  const now = monotonicMs();
  const leaves = (name: string, ms: number): Promise<void> =>
    new Promise((resolve) => {
      departures.add(now + ms, () => {
        expect(monotonicMs()).toBeGreaterThanOrEqual(now + ms);
        sent.push(name);
        resolve();
      });
    });
  await Promise.all([
    ...['d', 'e', 'f'].map((name) => leaves(name, 40)),
    ...['b', 'c'].map((name) => leaves(name, 20.5)),
    leaves('a', 0),
  ]);
  expect(sent).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

test('leave at once when they are due', () => {
  const departures = new Departures();
  const sent: string[] = [];
  departures.add(monotonicMs(), () => sent.push('due'));
  departures.add(0, () => sent.push('overdue'));
  expect(sent).toEqual(['due', 'overdue']);
});

test('do not leave any more once they were dropped', async () => {
  const departures = new Departures();
  const sent: string[] = [];
  const soon = monotonicMs() + 10;
  departures.add(soon, () => sent.push('dropped'));
  departures.clear();
  await new Promise<void>((resolve) => departures.add(soon + 20, resolve));
  expect(sent).toEqual([]);
});

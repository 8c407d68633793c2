// Messages of one turn of the event loop leave together.
import { expect, it } from 'vitest';
import { Outbox } from '../../src/rpc/outbox.ts';

it('delivers a turn’s items in one list, promises included, and never an empty one', async () => {
  const lists: number[][] = [];
  const outbox = new Outbox<number>((items) => lists.push(items));
  outbox.add(1);
  void Promise.resolve().then(() => outbox.add(2));
  expect(lists).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  outbox.add(3);
  outbox.flush();
  outbox.flush();
  await new Promise((resolve) => setImmediate(resolve));
  expect(lists).toEqual([[1, 2], [3]]);
});

// Parts of a stream stay in order, whatever their delays are.
import { expect, it } from 'vitest';
import { Conveyor } from '../../src/engines/tcp/conveyor.ts';

it('lets no part pass an earlier one', async () => {
  const conveyor = new Conveyor();
  const arrived: number[] = [];
  const delays = [20, 3, 0, 10.9, 10.1, 0];
  const last = new Promise<void>((resolve) => {
    delays.forEach((ms, at) => {
      conveyor.pass(ms, () => {
        arrived.push(at);
        if (arrived.length === delays.length) resolve();
      });
    });
  });
  expect(arrived).toEqual([]);
  await last;
  expect(arrived).toEqual([0, 1, 2, 3, 4, 5]);
  conveyor.pass(0, () => arrived.push(6));
  expect(arrived.at(-1)).toBe(6);
});

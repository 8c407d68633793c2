// After which lines the servers are asked for their states.
import { expect, test } from 'vitest';
import { LookPlan } from '../../src/web/lookPlan.ts';

test('after every line at first, then after those that show stores, then never', () => {
  const plan = new LookPlan();
  expect(plan.isWanted('put 5 k v')).toBe(true);
  for (let count = 0; count < 500; count += 1) plan.took(10);
  expect(plan.isWanted('put 5 k v')).toBe(false);
  expect(plan.isWanted('stabilizeAll')).toBe(false);
  for (const line of ['stabilize', '\tinspect 3', '  printStore 0']) {
    expect(plan.isWanted(line)).toBe(true);
  }
  for (let count = 0; count < 1_500; count += 1) plan.took(10);
  expect(plan.isWanted('stabilize')).toBe(false);
});

test('large stores use up the looks sooner', () => {
  const plan = new LookPlan();
  plan.took(4_000_000);
  expect(plan.isWanted('put 5 k v')).toBe(false);
  expect(plan.isWanted('stabilize')).toBe(true);
  plan.took(12_000_000);
  expect(plan.isWanted('stabilize')).toBe(false);
});

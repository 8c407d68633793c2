// A node optimizes its code late, but does it: also when a store grows large and a run goes on.
import { beforeEach, expect, it, vi } from 'vitest';

const setFlags = vi.hoisted(() => vi.fn());
vi.mock('node:v8', () => ({ setFlagsFromString: setFlags }));

beforeEach(() => {
  setFlags.mockClear();
  vi.resetModules();
});

it('does without the optimizing compiler for 5,000 messages, and never again', async () => {
  const { deferCompilation, countStep } = await import('../../src/rpc/compilation.ts');
  deferCompilation();
  for (let count = 1; count < 5_000; count += 1) countStep();
  expect(setFlags.mock.calls).toEqual([['--no-opt']]);
  for (let count = 0; count < 10_000; count += 1) countStep();
  expect(setFlags.mock.calls).toEqual([['--no-opt'], ['--opt']]);
});

it('leaves V8 alone in a process that is no node', async () => {
  const { countStep } = await import('../../src/rpc/compilation.ts');
  for (let count = 0; count < 10_000; count += 1) countStep();
  expect(setFlags).not.toHaveBeenCalled();
});

// What a swarm says about the seeds that broke.
import { expect, it } from 'vitest';
import { listFailures } from '../../../src/master/subcommands/swarm.ts';

const failures = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    seed: count - index,
    failure: { kind: 'C4', sentence: 'servers differ', line: 9, ending: [] },
  }));

it('are told one by one, by ascending seed', () => {
  const lines = listFailures('causal', failures(2));
  expect(lines).toHaveLength(4);
  expect(lines[0]).toMatch(/^seed 1: broken: C4: servers differ/);
  expect(lines[3]).toBe('  replay: node master.js replay --protocol causal --seed 2');
});

it('are named by their seeds from the eleventh on', () => {
  const lines = listFailures('causal', failures(13));
  expect(lines).toHaveLength(21);
  expect(lines.at(-1)).toBe('broken too: seeds 11, 12, 13');
});

it('are not all named where they are very many', () => {
  expect(listFailures('causal', failures(500)).at(-1)).toMatch(
    /^broken too: seeds 11, .*, 210, \.\.\.$/,
  );
});

it('are replayed with the schedule that was asked for', () => {
  const lines = listFailures('causal', failures(1), 2);
  expect(lines.join('\n')).toMatch(/--seed \d+ --schedule pct:2$/);
});

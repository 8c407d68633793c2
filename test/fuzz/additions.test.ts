// What random scripts have beside their generated lines: clients that are killed, partitions in one
// direction, clocks that jump.
import { describe, expect, test } from 'vitest';
import { drawTestCase } from '../../src/fuzz/draw.ts';
import { drawClocks } from '../../src/fuzz/drawClocks.ts';
import { RandomSource } from '../../src/fuzz/randomSource.ts';
import { createRandomStream } from '../../src/kernel/random.ts';
import { CommandTable } from '../../src/language/commandTable.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';
import { HEALTHY_NODES } from '../../src/sim/nodePlan.ts';

const [protocol] = PROTOCOLS;
if (protocol === undefined) throw new Error('there is a protocol');
const scripts = Array.from({ length: 200 }, (_, seed) => drawTestCase(protocol, seed + 1).lines);
const countOf = (pattern: RegExp): number =>
  scripts.filter((lines) => pattern.test(lines.join('\n'))).length;

test('clients die between lines or during a put, and most ids are used again', () => {
  expect(countOf(/^killClient /m)).toBeGreaterThan(20);
  expect(
    countOf(/^concurrently\nput (\d+) .*\n(?:sleep .*\n)?killClient \1\nend$/m),
  ).toBeGreaterThan(10);
  expect(countOf(/^killClient (\d+)$[\s\S]*^joinClient \1 /m)).toBeGreaterThan(10);
});

test('a client that was killed has no lines until it joins again', () => {
  for (const lines of scripts) {
    const killed = new Set<string>();
    for (const line of lines) {
      const [command, id = ''] = line.split(' ');
      if (command === 'killClient') killed.add(id);
      else if (command === 'joinClient' || command === 'joinServer') killed.delete(id);
      else if (command === 'put' || command === 'delete') expect(killed, line).not.toContain(id);
    }
  }
});

test('partitions are in one direction in some scripts, with two groups at least', () => {
  expect(countOf(/^partition \d.* \| .*\d oneway$/m)).toBeGreaterThan(15);
  expect(countOf(/^partition \d.* oneway$[\s\S]*^heal$/m)).toBeGreaterThan(8);
});

test('nodes are troubled in some scripts, each in every way now and then', () => {
  const plans = Array.from({ length: 400 }, (_, seed) => drawTestCase(protocol, seed).faults.nodes);
  for (const share of ['drifting', 'jumping', 'slow', 'stall'] as const) {
    const troubled = plans.filter((plan) => plan[share] > 0).length;
    expect(troubled).toBeGreaterThan(15);
    expect(troubled).toBeLessThan(60);
  }
  const healthy = JSON.stringify(HEALTHY_NODES);
  const calm = plans.filter((plan) => JSON.stringify(plan) === healthy).length;
  expect(calm).toBeGreaterThan(290);
  expect(calm).toBeLessThan(360);
});

describe('a clock', () => {
  const LINES = [
    'joinServer 0',
    'joinClient 1 0',
    'concurrently',
    'get 1 x',
    'end',
    'killServer 0',
  ];
  const drawn = Array.from({ length: 200 }, (_, seed) => {
    return drawClocks(LINES, new RandomSource(createRandomStream(seed, 'clocks')));
  });

  test('jumps between the lines of some scripts, and changes no other line', () => {
    const changed = drawn.filter((lines) => lines.length > LINES.length);
    expect(changed.length).toBeGreaterThan(30);
    expect(changed.length).toBeLessThan(120);
    for (const lines of drawn) {
      expect(lines.filter((line) => !line.startsWith('clock '))).toEqual(LINES);
    }
  });

  test('is that of a node that lives, outside of blocks, by a step that is allowed', () => {
    const table = new CommandTable(PROTOCOLS);
    for (const lines of drawn) {
      for (const [index, line] of lines.entries()) {
        if (!line.startsWith('clock ')) continue;
        expect(table.parse(line, protocol.name)).toBeDefined();
        const before = lines.slice(0, index);
        expect(before.includes('concurrently')).toBe(before.includes('end'));
        if (line.startsWith('clock 0')) expect(before).not.toContain('killServer 0');
        else expect(before).toContain('joinClient 1 0');
      }
    }
  });
});

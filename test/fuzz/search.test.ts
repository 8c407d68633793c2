// Ranges of seeds: each seed is run, failures carry their seed, two runs of a test case are
// compared.
import { describe, expect, test } from 'vitest';
import { drawTestCase } from '../../src/fuzz/draw.ts';
import { runBatch, runTwice } from '../../src/fuzz/search.ts';
import { NO_FAULTS } from '../../src/sim/faultPlan.ts';
import { plain } from '../support/tinyProtocols.ts';
import { createFakeLanguage } from './fakeLanguage.ts';

const testCase = { protocol: plain, seed: 1, faults: NO_FAULTS, lines: ['heal'] };

describe('two runs of one draft', () => {
  test('that say the same', async () => {
    const language = createFakeLanguage(
      () => undefined,
      () => 'hello',
    );
    expect((await runTwice(language, testCase)).failure).toBeUndefined();
  });

  test('G5: that differ', async () => {
    let count = 0;
    const language = createFakeLanguage(
      () => undefined,
      () => {
        count += 1;
        return `hello ${count}`;
      },
    );
    expect((await runTwice(language, testCase)).failure?.kind).toBe('G5');
  });
});

describe('a range of seeds', () => {
  test('is tried from its first to before its last', async () => {
    const seen: number[] = [];
    const language = createFakeLanguage((lines, seed) => {
      if (lines.length === 1) seen.push(seed);
      return seed === 5 ? 'C2: five' : undefined;
    });
    const result = await runBatch(language, plain, { from: 3, to: 7 });
    expect(seen).toEqual([3, 4, 5, 6]);
    expect(result.seeds).toBe(4);
    expect(result.failures).toEqual([
      { seed: 5, failure: { kind: 'C2', sentence: 'C2: five', line: 1, ending: [] } },
    ]);
    expect(result.counts['command protocol']).toBe(4);
  });

  test('one of sixteen is run twice', async () => {
    const seen: number[] = [];
    const language = createFakeLanguage((lines, seed) => {
      if (lines.length === 1) seen.push(seed);
      return undefined;
    });
    const result = await runBatch(language, plain, { from: 15, to: 18 });
    expect(seen).toEqual([15, 16, 16, 17]);
    expect(result.counts['seed run twice']).toBe(1);
  });

  test('gives each seed its own draft', async () => {
    const scripts: string[] = [];
    const language = createFakeLanguage((lines, seed) => {
      scripts[seed] = lines.join('\n');
      return undefined;
    });
    await runBatch(language, plain, { from: 1, to: 3 });
    expect(scripts[1]).toBe(drawTestCase(plain, 1).lines.join('\n'));
    expect(scripts[2]).toBe(drawTestCase(plain, 2).lines.join('\n'));
  });
});

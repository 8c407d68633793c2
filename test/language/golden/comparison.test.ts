import { describe, expect, it } from 'vitest';
import { type Comparison, PrintedOutput } from '../../../src/language/golden/comparison.ts';
import type { GoldenOutputs, PrintedLine } from '../../../src/language/golden/outputs.ts';

/** The lines of a script print one text each, from line 1 on. */
function print(texts: readonly string[]): PrintedLine[] {
  return texts.map((text, index) => ({ line: index + 1, text }));
}

function golden(...outputs: (readonly string[])[]): GoldenOutputs {
  const found = outputs.map((texts) => ({ lines: print(texts), runs: 1, first: '--seed 1' }));
  return { outputs: found, runs: outputs.length };
}

function compare(known: GoldenOutputs, texts: readonly string[]): Comparison {
  const printed = new PrintedOutput(known);
  for (const line of print(texts)) printed.add(line);
  return printed.compare();
}

const RACE = golden(['x:1', 'x:1', 'end'], ['x:2', 'x:2', 'end'], ['x:1', 'x:2', 'end']);

describe('PrintedOutput', () => {
  it('is golden as each of the outputs, and says which', () => {
    for (const [index, { lines }] of RACE.outputs.entries()) {
      const texts = lines.map(({ text }) => text);
      expect(compare(RACE, texts)).toEqual({ isGolden: true, output: index });
    }
  });

  it('is not golden after any one change', () => {
    for (const { lines } of RACE.outputs) {
      const texts = lines.map(({ text }) => text);
      for (const at of texts.keys()) {
        for (const other of [['y'], [], [texts[at] ?? '', 'y'], [`${texts[at]} `]]) {
          const changed = texts.toSpliced(at, 1, ...other);
          expect(compare(RACE, changed).isGolden, String(changed)).toBe(false);
        }
      }
    }
  });

  it('says what differs from the nearest output, the first of equals', () => {
    expect(compare(RACE, ['x:2', 'x:3', 'end', 'y'])).toEqual({
      isGolden: false,
      nearest: 1,
      changes: [
        { sign: '-', line: 2, text: 'x:2' },
        { sign: '+', line: 2, text: 'x:3' },
        { sign: '+', line: 4, text: 'y' },
      ],
      uncounted: 0,
      isMixture: false,
    });
  });

  it('tells an output of which every line is known from one with a new answer', () => {
    expect(compare(RACE, ['x:2', 'x:1', 'end'])).toMatchObject({
      isGolden: false,
      isMixture: true,
    });
    expect(compare(RACE, ['x:2', 'x:1', 'other'])).toMatchObject({ isMixture: false });
    expect(compare(RACE, ['x:2', 'x:1'])).toMatchObject({ isMixture: false });
  });

  it('keeps no endless output, and is not golden by its beginning', () => {
    const printed = new PrintedOutput(golden(['x']));
    for (let count = 0; count < 5_000; count += 1) printed.add({ line: 1, text: 'x' });
    const comparison = printed.compare();
    expect(comparison).toMatchObject({ isGolden: false, uncounted: 3_999, isMixture: false });
    expect(comparison.isGolden || comparison.changes).toHaveLength(1_000);
  });

  it('is golden with nothing printed where nothing is expected', () => {
    expect(compare(golden([]), [])).toEqual({ isGolden: true, output: 0 });
    expect(compare(golden([]), ['x'])).toMatchObject({ isGolden: false, nearest: 0 });
  });
});

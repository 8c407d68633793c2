// Shrinking keeps only what the failure needs, and never replaces one failure by another kind.
import { describe, expect, test } from 'vitest';
import { shrink } from '../../src/fuzz/shrink.ts';
import type { TestCase } from '../../src/fuzz/testCase.ts';
import { runTrial } from '../../src/fuzz/trial.ts';
import { Expander } from '../../src/language/expander.ts';
import { NO_FAULTS } from '../../src/sim/faultPlan.ts';
import { plain } from '../support/tinyProtocols.ts';
import { createFakeLanguage, type FakeLanguage } from './fakeLanguage.ts';

const noise = Array.from({ length: 40 }, (_, index) => `get 1 k${index}`);
const harsh = { ...NO_FAULTS, loss: 0.3, tail: 0.1, tailDelayMs: 500 };

const among = (at: number, ...lines: string[]): string[] => [
  ...noise.slice(0, at),
  ...lines,
  ...noise.slice(at),
];

async function shrinkLines(language: FakeLanguage, lines: string[], seed = 7): Promise<TestCase> {
  const testCase = { protocol: plain, seed, faults: harsh, lines };
  const { failure } = await runTrial({ language, testCase });
  if (failure === undefined) throw new Error('it fails before it is shrunk');
  const shrunk = await shrink({ language, testCase, failure });
  expect(shrunk.failure.kind).toBe(failure.kind);
  return shrunk.testCase;
}

const has = (lines: readonly string[], ...wanted: string[]): boolean =>
  wanted.every((line) => lines.includes(line));

test('a link keeps only the settings that matter', async () => {
  const language = createFakeLanguage((lines) =>
    lines.some((line) => /^link \S+ .*loss=1/.test(line)) ? 'C1: gone' : undefined,
  );
  const line = 'link 1 0 delay=0..100ms loss=1 reorder=off';
  expect((await shrinkLines(language, among(5, line))).lines).toEqual(['link 1 0 loss=1']);
});

test('a partition keeps only the nodes that matter, of those that have joined', async () => {
  const language = createFakeLanguage((lines) => {
    const groups = lines.flatMap((line) => /^partition (.*?)(?: oneway)?$/.exec(line)?.[1] ?? []);
    const parted = groups.some((text) => {
      const [left = '', right = ''] = ['0', '2'].map((id) =>
        text.split(' | ').find((group) => group.split(' ').includes(id)),
      );
      return left !== '' && right !== '' && left !== right;
    });
    return parted ? 'C4: differ' : undefined;
  });
  const servers = [0, 2].map((id) => `joinServer ${id}`);
  for (const line of ['partition 0 1 9 | 7 | 2 3', 'partition 4 0 | 2 8 oneway']) {
    const { lines } = await shrinkLines(language, [...servers, line]);
    expect(lines).toEqual(['partition 0 | 2']);
  }
});

describe('lines', () => {
  test('two that matter are left of many', async () => {
    const language = createFakeLanguage((lines) =>
      has(lines, 'killServer 0', 'heal') ? 'C1: gone' : undefined,
    );
    const lines = [...among(3, 'killServer 0'), ...among(30, 'heal')];
    const shrunk = await shrinkLines(language, lines);
    expect(shrunk.lines).toEqual(['killServer 0', 'heal']);
    expect(shrunk.faults).toEqual(NO_FAULTS);
    expect(shrunk.seed).toBe(1);
  });

  test('two that are there only for each other go together', async () => {
    const language = createFakeLanguage((lines) => {
      const isEven = has(lines, 'partition 0 | 1') === has(lines, 'heal');
      return isEven && has(lines, 'stabilize') ? 'C4: differ' : undefined;
    });
    const shrunk = await shrinkLines(language, ['partition 0 | 1', 'heal', 'stabilize']);
    expect(shrunk.lines).toEqual(['stabilize']);
  });

  test('a block is never left open, and goes when it does not matter', async () => {
    const needsBlock = createFakeLanguage((lines) =>
      has(lines, 'concurrently', 'heal', 'end') ? 'C1: gone' : undefined,
    );
    const block = among(9, 'concurrently', 'get 1 x', 'heal', 'get 1 y', 'end');
    const kept = await shrinkLines(needsBlock, block);
    expect(kept.lines).toEqual(['concurrently', 'heal', 'end']);
    const needsLine = createFakeLanguage((lines) => (has(lines, 'heal') ? 'C1: gone' : undefined));
    expect((await shrinkLines(needsLine, block)).lines).toEqual(['heal']);
  });

  test('another failure on the way is not taken for this one', async () => {
    const language = createFakeLanguage((lines) => {
      if (!has(lines, 'get 1 k5')) return has(lines, 'heal') ? 'C2: another' : undefined;
      return has(lines, 'heal') ? 'C1: this one' : undefined;
    });
    expect((await shrinkLines(language, among(20, 'heal'))).lines).toEqual(['get 1 k5', 'heal']);
  });
});

describe('what is no line', () => {
  test('faults that do not matter go', async () => {
    const testCase = { protocol: plain, seed: 1, faults: harsh, lines: ['heal'] };
    const language = createFakeLanguage(() => 'C1: gone');
    const { failure } = await runTrial({ language, testCase });
    if (failure === undefined) throw new Error('it fails');
    const { testCase: shrunk } = await shrink({ language, testCase, failure });
    expect(shrunk.faults).toEqual(NO_FAULTS);
  });

  test('a smaller script may need another seed', async () => {
    const language = createFakeLanguage((lines, seed) => {
      const isDue = lines.length < 5 ? seed === 4 : seed === 7;
      return isDue && has(lines, 'heal') ? 'C1: gone' : undefined;
    });
    const shrunk = await shrinkLines(language, among(20, 'heal'));
    expect(shrunk.lines).toEqual(['heal']);
    expect(shrunk.seed).toBe(4);
  });

  test('ids, keys and values become small', async () => {
    const language = createFakeLanguage((lines) =>
      lines.some((line) => /^put \d+ \S+ v\d+$/.test(line)) &&
      lines.some((line) => line.startsWith('joinServer')) &&
      lines.some((line) => line.startsWith('joinClient'))
        ? 'C1: gone'
        : undefined,
    );
    const lines = ['joinServer 70000', 'joinClient 9 70000 causal', 'put 9 z v17'];
    const shrunk = await shrinkLines(language, lines);
    expect(shrunk.lines).toEqual(['joinServer 0', 'joinClient 1 0', 'put 1 x v1']);
  });

  test.each([
    ['goes where another value fails as well', /^put 1 x (v\d+|"")$/, 'put 1 x v1'],
    ['stays where it matters', /^put 1 x ""$/, 'put 1 x ""'],
  ])('the empty value %s', async (_, wanted, left) => {
    const language = createFakeLanguage((lines) =>
      lines.some((line) => wanted.test(line)) ? 'C1: gone' : undefined,
    );
    expect((await shrinkLines(language, ['put 1 x ""'])).lines).toEqual([left]);
  });

  test('those of commands that only this protocol has, too', async () => {
    const wanted = [/^append \d+ \S+ (?:v\d+|"")$/, /^owner \d+ 12$/, /^joinServer \d+$/];
    const language = createFakeLanguage((lines) =>
      wanted.every((line) => lines.some((text) => line.test(text))) ? 'C1: gone' : undefined,
    );
    const joins = ['joinServer 12', 'joinClient 40 12'];
    const append = [...joins, 'append 40 12 v9', 'owner 12 12'];
    const shrunk = await shrinkLines(language, among(3, ...append));
    expect(shrunk.lines).toEqual(['joinServer 0', 'append 40 x v1', 'owner 0 12']);
    const empty = await shrinkLines(
      language,
      among(3, 'joinServer 0', 'owner 0 12', 'append 5 12 ""'),
    );
    expect(empty.lines).toEqual(['joinServer 0', 'owner 0 12', 'append 5 x v1']);
  });

  test('it stops when it is told to', async () => {
    const language = createFakeLanguage(() => 'C1: gone');
    const testCase = { protocol: plain, seed: 1, faults: harsh, lines: noise };
    const failure = { kind: 'C1', sentence: 'gone', line: 1, ending: [] };
    const shrunk = await shrink({ language, testCase, failure, isOver: () => true });
    expect(shrunk.trials).toBe(0);
    expect(language.begun).toBe(0);
    expect(shrunk.testCase).toBe(testCase);
  });
});

describe('repeated lines', () => {
  /** The lines that a script stands for; undefined if one is refused. */
  function expand(lines: readonly string[]): string[] | undefined {
    const expander = new Expander();
    const taken = lines.flatMap((text, index) => [...expander.take({ number: index + 1, text })]);
    const all = [...taken, ...expander.end()];
    const texts = all.map((line) => ('text' in line ? line.text : undefined));
    const isBalanced = texts.every((text) => text !== 'end');
    return texts.includes(undefined) || !isBalanced ? undefined : (texts as string[]);
  }
  const breaks = (...wanted: string[]): FakeLanguage =>
    createFakeLanguage((lines) => (has(expand(lines) ?? [], ...wanted) ? 'C1: gone' : undefined));
  const block = ['repeat 7', 'get 1 x', 'repeat 5 as i', 'put 1 k $i', 'get 1 k', 'end', 'end'];

  test.each([
    [['put 1 k 2'], ['repeat 2 as i', 'put 1 k $i', 'end']],
    [['get 1 k'], ['get 1 k']],
    [
      ['put 1 k 3', 'get 1 x'],
      ['get 1 x', 'repeat 3 as i', 'put 1 k $i', 'end'],
    ],
  ])('of which %j matters are left in text that runs', async (wanted, left) => {
    const { lines } = await shrinkLines(breaks(...wanted), among(5, ...block));
    expect(lines).toEqual(left);
    expect(expand(lines)).toBeDefined();
  });
});

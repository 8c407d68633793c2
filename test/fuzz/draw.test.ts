// Generated scripts: equal for equal seeds, different for different ones, and nearly without bad
// lines except the intended ones.
import { describe, expect, test } from 'vitest';
import { drawTestCase } from '../../src/fuzz/draw.ts';
import { createScriptLanguage } from '../../src/fuzz/scriptSession.ts';
import { runBatch } from '../../src/fuzz/search.ts';
import type { TestCase } from '../../src/fuzz/testCase.ts';
import { chooseOptions } from '../../src/language/choice.ts';
import { CommandTable } from '../../src/language/commandTable.ts';
import { quorum } from '../../src/protocols/quorum/index.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';
import { listFaults } from '../../src/sim/faultText.ts';
import { extent } from '../support/extent.ts';
import { other, plain } from '../support/tinyProtocols.ts';

const SEEDS = extent({ full: 60, quick: 10 });
const seeds = Array.from({ length: SEEDS }, (_, seed) => seed + 1);
/** Running a script takes far longer than drawing it. */
const RUNS = extent({ full: SEEDS, quick: 3 });
/** The few scripts of one protocol in a quick run need not have any. */
let badLinesOfAll = 0;

describe.each(PROTOCOLS.map((protocol) => [protocol.name, protocol] as const))(
  'scripts for %s',
  (_, protocol) => {
    test('depend on the seed alone', () => {
      const texts = seeds.map((seed) => JSON.stringify(drawTestCase(protocol, seed)));
      expect(seeds.map((seed) => JSON.stringify(drawTestCase(protocol, seed)))).toEqual(texts);
      expect(new Set(texts).size).toBe(SEEDS);
    });

    test('keep every guarantee, and have few bad lines', async () => {
      const language = createScriptLanguage(PROTOCOLS);
      let badLines = 0;
      let lines = 0;
      for (const seed of seeds.slice(0, RUNS)) {
        const { failures, counts } = await runBatch(language, protocol, {
          from: seed,
          to: seed + 1,
        });
        expect(failures).toEqual([]);
        const testCase = drawTestCase(protocol, seed);
        // A script does not know who died of a disk.
        if (testCase.faults.disks.failure > 0) continue;
        lines += testCase.lines.length;
        for (const [what, count] of Object.entries(counts)) {
          if (what.startsWith('bad line ')) badLines += count;
        }
      }
      expect(badLines).toBeLessThan(lines / 50);
      badLinesOfAll += badLines;
    }, 120_000);

    test('set links in some scripts, one direction or all, and nothing that is refused', () => {
      const lines = seeds.flatMap((seed) => drawTestCase(protocol, seed).lines);
      const set = lines.filter((line) => line.startsWith('link '));
      expect(set.filter((line) => line.startsWith('link all ')).length).toBeGreaterThan(0);
      expect(set.filter((line) => !line.startsWith('link all ')).length).toBeGreaterThan(0);
      const table = new CommandTable(PROTOCOLS);
      for (const line of set) expect(table.parse(line, protocol.name)).toBeDefined();
    });

    test('put the empty value now and then, once at most', () => {
      const counts = seeds.map((seed) => {
        return drawTestCase(protocol, seed).lines.filter((line) => / ""(?: \S+)?$/.test(line))
          .length;
      });
      expect(new Set(counts)).toEqual(new Set([0, 1]));
      expect(counts.filter((count) => count === 1).length).toBeGreaterThan(SEEDS / 20);
    });

    test('are shorter where that is asked for', () => {
      const lengthOf = (size: 'usual' | 'short'): number =>
        seeds.reduce((sum, seed) => sum + drawTestCase(protocol, seed, size).lines.length, 0);
      expect(lengthOf('short')).toBeLessThan(lengthOf('usual') / 2);
    });
  },
);

test.each(PROTOCOLS)('scripts for $name have no option without effect', (protocol) => {
  for (const seed of seeds) {
    const [, , ...words] = drawTestCase(protocol, seed).lines[0]?.split(' ') ?? [];
    const given = new Map(words.map((word) => word.split('=') as [string, string]));
    expect(() => chooseOptions(protocol, given), words.join(' ')).not.toThrow();
  }
});

test('the scripts of all protocols have some bad lines', () => {
  expect(badLinesOfAll).toBeGreaterThan(0);
});

describe('troubles', () => {
  const [causal] = PROTOCOLS;
  if (causal === undefined) throw new Error('there is a protocol');
  const testCases = Array.from({ length: 300 }, (_, seed) => drawTestCase(causal, seed + 1));
  const hasLogs = ({ lines }: TestCase): boolean => lines[0]?.includes('storage=log') === true;
  const countOf = (pattern: RegExp): number =>
    testCases.filter(({ lines }) => pattern.test(lines.join('\n'))).length;

  test('all servers die in one block, and come back', () => {
    const all = testCases.filter(({ lines }) => {
      const text = lines.join('\n');
      const blocks = text.match(/^concurrently\n[\s\S]*?^end$/gm) ?? [];
      return blocks.some((block) => (block.match(/^killServer/gm)?.length ?? 0) >= 3);
    });
    expect(all.length).toBeGreaterThan(8);
    expect(all.filter(hasLogs).length).toBeGreaterThan(all.length / 2);
  });

  test('a server dies beside the return of another, two die in a row', () => {
    const beside =
      /^pauseServer .*\nkillServer (.*)\njoinServer \1\n(create.*\n)?concurrently\nresume/m;
    expect(countOf(beside)).toBeGreaterThan(20);
    expect(countOf(/^killServer .*\nkillServer /m)).toBeGreaterThan(20);
  });

  test('only servers with logs have disks that are not well', () => {
    const isOfLogs = (name: string): boolean => name.startsWith('disk-') || name === 'new-run';
    const unwell = testCases.filter(({ faults }) => listFaults(faults).some(isOfLogs));
    expect(unwell.length).toBeGreaterThan(40);
    expect(unwell.every(hasLogs)).toBe(true);
    for (const fault of ['disk-compaction', 'new-run']) {
      expect(
        unwell.filter(({ faults }) => listFaults(faults).includes(fault)).length,
        fault,
      ).toBeGreaterThan(20);
    }
    expect(testCases.filter(hasLogs).length).toBeGreaterThan(100);
  });

  test('some clients only read, whatever they do', () => {
    const readers = testCases.filter(({ lines }) => {
      const clients = new Set(lines.flatMap((line) => /^get ([0-9]+) /.exec(line)?.[1] ?? []));
      for (const line of lines) {
        const [, writer = ''] = /^(?:put|delete) ([0-9]+) /.exec(line) ?? [];
        clients.delete(writer);
        if (/^workload .*reads=(?!1 )/.test(line)) return false;
      }
      return clients.size > 0;
    });
    expect(readers.length).toBeGreaterThan(60);
  });
});

test('what a protocol brings of its own is drawn: commands, guarantees', () => {
  const text = seeds.flatMap((seed) => drawTestCase(plain, seed).lines).join('\n');
  expect(text).toMatch(/^append [0-9]+ [^ ]+ v[0-9]+$/m);
  expect(text).toMatch(/^owner [0-9]+ [^ ]+$/m);
  expect(text).toMatch(/^joinClient [0-9]+ [0-9]+ monotonic$/m);
  expect(text).toMatch(/^protocol plain$/m);
});

test('a command of another protocol is not drawn, nor an option without samples', () => {
  const text = seeds.flatMap((seed) => drawTestCase(other, seed).lines).join('\n');
  expect(text).toMatch(/^transfer [0-9]+$/m);
  expect(text).not.toMatch(/append|pace=/);
});

describe('a newcomer', () => {
  test('joins beside a paused server, and works beside operations, in some scripts', () => {
    const drawn = Array.from({ length: 200 }, (_, seed) => drawTestCase(quorum, seed).lines);
    const pattern =
      /^pauseServer (\d+)\njoinServer .*\n(joinClient .*\n)+concurrently\nresumeServer \1$/m;
    const scenes = drawn.filter((lines) => pattern.test(lines.join('\n')));
    expect(scenes.length).toBeGreaterThan(20);
    expect(scenes.length).toBeLessThan(80);
  });
});

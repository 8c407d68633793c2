// Drawn scripts: the same for the same seed, different for different ones, and nearly free of bad
// lines: those that are meant to be bad.
import { describe, expect, test } from 'vitest';
import { createScriptLanguage } from '../../src/master/scriptSession.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';
import { drawDraft } from '../../src/swarm/draw.ts';
import { runBatch } from '../../src/swarm/search.ts';
import { Tally } from '../../src/swarm/tally.ts';
import { other, plain } from '../support/tinyProtocols.ts';

const SEEDS = 60;
const seeds = Array.from({ length: SEEDS }, (_, seed) => seed + 1);

describe.each(PROTOCOLS.map((protocol) => [protocol.name, protocol] as const))(
  'scripts for %s',
  (_, protocol) => {
    test('depend on the seed alone', () => {
      const texts = seeds.map((seed) => JSON.stringify(drawDraft(protocol, seed)));
      expect(seeds.map((seed) => JSON.stringify(drawDraft(protocol, seed)))).toEqual(texts);
      expect(new Set(texts).size).toBe(SEEDS);
    });

    test('keep every promise, and have few bad lines', async () => {
      const language = createScriptLanguage(PROTOCOLS);
      const result = await runBatch(language, protocol, { from: 1, to: SEEDS + 1 });
      expect(result.failures).toEqual([]);
      const tally = new Tally();
      tally.add(result.counts);
      const bad = Object.keys(result.counts).filter((what) => what.startsWith('bad line '));
      const badLines = bad.reduce((sum, what) => sum + tally.count(what), 0);
      const lines = seeds.flatMap((seed) => drawDraft(protocol, seed).lines);
      expect(badLines).toBeGreaterThan(0);
      expect(badLines).toBeLessThan(lines.length / 50);
    });

    test('are shorter where that is asked for', () => {
      const lengthOf = (size: 'usual' | 'short'): number =>
        seeds.reduce((sum, seed) => sum + drawDraft(protocol, seed, size).lines.length, 0);
      expect(lengthOf('short')).toBeLessThan(lengthOf('usual') / 2);
    });
  },
);

test('what a protocol brings of its own is drawn: commands, guarantees', () => {
  const text = seeds.flatMap((seed) => drawDraft(plain, seed).lines).join('\n');
  expect(text).toMatch(/^append [0-9]+ [^ ]+ v[0-9]+$/m);
  expect(text).toMatch(/^owner [0-9]+ [^ ]+$/m);
  expect(text).toMatch(/^joinClient [0-9]+ [0-9]+ monotonic$/m);
  expect(text).toMatch(/^protocol plain$/m);
});

test('a command of another protocol is not drawn, nor an option without samples', () => {
  const text = seeds.flatMap((seed) => drawDraft(other, seed).lines).join('\n');
  expect(text).toMatch(/^transfer [0-9]+$/m);
  expect(text).not.toMatch(/append|pace=/);
});

// What a page's worker finds among seeds, and what it gives the editor.
import { describe, expect, it } from 'vitest';
import { createScriptLanguage } from '../../src/fuzz/scriptSession.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';
import { runScript } from '../../src/web/run/runScript.ts';
import type { SeedPlan } from '../../src/web/run/seedPlan.ts';
import { shrinkSeed, trySeeds } from '../../src/web/run/seeds.ts';

const language = createScriptLanguage(PROTOCOLS);

const STALE = `joinServer 0
joinServer 1
joinClient 2 0
joinClient 3 1
breakConnection 0 1
put 2 x 1
put 2 y 1
get 3 x
heal
`;

function planOf(change: Partial<SeedPlan>): SeedPlan {
  return { protocol: 'causal', script: null, faults: '', level: null, ...change };
}

describe('random scripts', () => {
  it('break nothing that their protocol guarantees', async () => {
    const batch = await trySeeds(language, planOf({}), { from: 1, to: 5 });
    expect(batch).toEqual({ seeds: 4, broken: [], undecided: 0 });
  });

  it('break a stronger level, and each source repeats that', async () => {
    const plan = planOf({ level: 'linearizable' });
    const { seeds, broken } = await trySeeds(language, plan, { from: 1, to: 9 });
    expect(seeds).toBe(8);
    expect(broken.length).toBeGreaterThan(1);
    for (const { source, kind, sentence, seed } of broken) {
      expect([kind, source.seed, source.protocol]).toEqual(['linearizable', seed, 'causal']);
      const script = `${source.script}check linearizable\n`;
      const { said, failure } = await runScript({ ...source, script });
      expect(failure).toBeUndefined();
      // With the same line numbers.
      const told = said.map(({ text }) => text).join('\n');
      expect(told).toContain(sentence.replace(/^linearizable: | \(line [0-9]+\)$/g, ''));
    }
  });
});

describe('one script under several seeds', () => {
  const plan = planOf({ script: STALE, faults: 'delay=1..40', level: 'linearizable' });

  it('keeps its faults, and says what broke after its last line', async () => {
    const { broken } = await trySeeds(language, plan, { from: 3, to: 5 });
    expect(broken.map(({ seed, source }) => [seed, source.seed, source.faults])).toEqual([
      [3, 3, 'delay=1..40'],
      [4, 4, 'delay=1..40'],
    ]);
    const [first] = broken;
    expect(first?.source.script.startsWith(`${STALE}\n# Broken with seed 3: linearizable: `)).toBe(
      true,
    );
    expect(first?.length).toBe(9);
  });

  it('is shrunk to its own lines, with the best so far on the way', async () => {
    const lengths: number[] = [];
    const shrunk = await shrinkSeed(language, plan, 3, (best) => {
      lengths.push(best().broken.length);
    });
    expect(shrunk?.broken).toMatchObject({ seed: 3, kind: 'linearizable', length: 7 });
    expect(shrunk?.broken.source.faults).toBe('');
    expect(lengths).toEqual(lengths.toSorted((a, b) => b - a));
    expect(lengths[0]).toBe(9);
  });

  it('is not shrunk if it breaks nothing', async () => {
    const kept = { ...plan, level: 'causal' } as const;
    expect(await shrinkSeed(language, kept, 3, () => undefined)).toBeUndefined();
  });

  it('is not judged if it ends early', async () => {
    const open = { ...plan, script: 'concurrently\n' };
    expect(await trySeeds(language, open, { from: 1, to: 3 })).toEqual({
      ...{ seeds: 2, broken: [], undecided: 2 },
    });
  });
});

it('faults that are none are refused with a sentence', async () => {
  const plan = planOf({ script: STALE, faults: 'loss=2' });
  await expect(trySeeds(language, plan, { from: 1, to: 2 })).rejects.toThrow('no share');
});

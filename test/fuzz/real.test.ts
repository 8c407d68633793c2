// Random scripts for programs of others: what is drawn makes sense, and the search and the removal
// of lines end when the time is over.
import { describe, expect, it } from 'vitest';
import { ENGINE_DESIGNS } from '../../src/engines/designs.ts';
import { drawRealScript, type RealOrder } from '../../src/fuzz/realScript.ts';
import { searchReal, shrinkReal } from '../../src/fuzz/realSearch.ts';
import { CommandTable } from '../../src/language/commandTable.ts';

const ORDER: RealOrder = {
  choice: 'protocol nodes command=node x',
  ids: [0, 1, 2],
  hasKills: true,
  hasCas: true,
};
const seeds = Array.from({ length: 200 }, (_, at) => at + 1);
const scripts = seeds.map((seed) => drawRealScript(ORDER, seed));
const words = (lines: readonly string[]) => lines.map((line) => line.split(' ')[0] ?? '');

/** Fails if two lines are there, the one before the other. */
async function attempt(lines: readonly string[]) {
  const cut = lines.findIndex((line) => line.startsWith('partition'));
  const put = lines.findIndex((line, at) => at > cut && line.startsWith('put'));
  const isBroken = cut >= 0 && put > cut;
  const failure = { kind: 'linearizable', sentence: 'stale', line: lines.length, ending: [] };
  return { isDone: true, failure: isBroken ? failure : undefined };
}

describe('a random script for an engine', () => {
  it('is the same for the same seed, and parses', () => {
    const table = new CommandTable(ENGINE_DESIGNS);
    for (const [at, lines] of scripts.entries()) {
      expect(drawRealScript(ORDER, at + 1)).toEqual(lines);
      for (const line of lines) expect(table.parse(line, 'nodes')).toBeDefined();
    }
  });

  it('uses each kind of line sooner or later, and kills only if that is asked for', () => {
    const all = new Set(scripts.flatMap(words));
    const wanted = ['put', 'get', 'cas', 'concurrently', 'partition', 'breakConnection', 'heal'];
    for (const name of [...wanted, 'link', 'pauseServer', 'killServer', 'createConnection']) {
      expect(all).toContain(name);
    }
    const tame = seeds.flatMap((seed) => {
      return words(drawRealScript({ ...ORDER, hasKills: false, hasCas: false }, seed));
    });
    expect(tame).not.toContain('killServer');
    expect(tame).not.toContain('cas');
  });

  it('has one server if there can be no other', () => {
    const lines = drawRealScript({ ...ORDER, ids: [7] }, 1);
    const joins = lines.filter((line) => line.startsWith('joinServer'));
    expect(new Set(joins)).toEqual(new Set(['joinServer 7']));
  });
});

describe('the search', () => {
  it('finds the first seed that fails, and leaves the lines that it needs', async () => {
    const { found, tried } = await searchReal(ORDER, seeds, attempt);
    if (found === undefined) throw new Error('no script has a put after a partition');
    expect(found.seed).toBe(tried);
    const { shrunk } = await shrinkReal(found, attempt);
    expect(words(shrunk.lines)).toEqual(['partition', 'put']);
    expect(shrunk.failure.line).toBe(2);
  });

  it('ends when the time is over', async () => {
    let runs = 0;
    const late = async (lines: readonly string[]) => {
      runs += 1;
      return runs > 3 ? { isDone: false, failure: undefined } : { ...(await attempt(lines)) };
    };
    const none = async () => ({ isDone: true, failure: undefined });
    expect((await searchReal(ORDER, [1, 2], none)).tried).toBe(2);
    const { found } = await searchReal(ORDER, seeds, attempt);
    if (found === undefined) throw new Error('nothing is found');
    const { trials } = await shrinkReal(found, late);
    expect([trials, runs]).toEqual([4, 4]);
  });
});

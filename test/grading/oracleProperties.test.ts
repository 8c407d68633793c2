// The oracle over random scripts: it permits every correct master, ours and others, and refuses
// what no correct master can print.
import { describe, expect, it } from 'vitest';
import type { Judgement } from '../../src/grading/oracle/judgement.ts';
import { permits } from '../../src/grading/oracle/oracle.ts';
import { readAssignment } from '../../src/grading/oracle/script.ts';
import { createRandomStream, type RandomStream, randomBelow } from '../../src/kernel/random.ts';
import { simulate } from '../scripts/programs.ts';
import { IS_FULL } from '../support/extent.ts';
import { Store, type StoreOptions } from './masters/store.js';
import { drawScript, endTogether } from './randomScripts.ts';

const OWN_SEEDS = IS_FULL ? 600 : 20;
const OTHER_SEEDS = IS_FULL ? 8_000 : 400;
const MODES = [[], ['--gossip', 'off'], ['--gossip', '20']];

const lengthOf = (seed: number): number => 10 + (seed % 50);

function tell(seed: number, script: string, output: string, judgement: Judgement): string {
  return `seed ${seed}: ${JSON.stringify(judgement)}\n${script}---\n${output}`;
}

/** What the assignment leaves open, by chance. */
function drawDesign(random: RandomStream): StoreOptions {
  const below = (count: number): number => randomBelow(random, count);
  const places = Array.from({ length: 10 }, random);
  return {
    isLast: (a, b) => (places[a.server] ?? 0) > (places[b.server] ?? 0),
    gossip: (['never', 'eager', 'chance'] as const)[below(3)] ?? 'never',
    random,
    lacking: below(2) === 0 ? 'ERR_DEP' : 'ERR_KEY',
    isWholeSession: below(3) === 0,
    isReversed: below(2) === 0,
  };
}

function runStore(script: string, options: StoreOptions, mistake = ''): string {
  const store = new Store(options, mistake);
  const lines = script.trim().split('\n');
  return lines.flatMap((line) => store.do(line).map((printed) => `${printed}\n`)).join('');
}

describe('the oracle', { timeout: IS_FULL ? 300_000 : 30_000 }, () => {
  it('permits what our own master prints, whatever its gossip', async () => {
    for (let seed = 1; seed <= OWN_SEEDS; seed += 1) {
      const script = drawScript(seed, lengthOf(seed), seed % 5 === 0);
      for (const mode of MODES) {
        const words = ['--seed', String(seed), ...mode];
        const { stdout } = await simulate(Buffer.from(script), words);
        const judgement = permits(readAssignment(script), stdout);
        expect(judgement.outcome, tell(seed, script, stdout, judgement)).toBe('permitted');
      }
    }
  });

  it('permits every design that the assignment leaves open', () => {
    for (let seed = 1; seed <= OTHER_SEEDS; seed += 1) {
      const script = drawScript(seed, lengthOf(seed), seed % 5 === 0);
      const output = runStore(script, drawDesign(createRandomStream(seed, 'design')));
      const judgement = permits(readAssignment(script), output);
      expect(judgement.outcome, tell(seed, script, output, judgement)).toBe('permitted');
    }
  });

  /** Scripts without printStore: each line of the output belongs to one get. */
  function* answers(): Generator<{ seed: number; script: string; lines: string[] }> {
    for (let seed = 1; seed <= OTHER_SEEDS / 4; seed += 1) {
      const drawn = drawScript(seed, lengthOf(seed)).replaceAll(/^printStore .*\n/gm, '');
      const script = endTogether(drawn);
      const output = runStore(script, drawDesign(createRandomStream(seed, 'design')));
      // Of a get without a server no line is needed.
      if (output.includes('ERR_UNREACHABLE')) continue;
      yield { seed, script, lines: output.trim().split('\n') };
    }
  }

  const keyOf = (line: string): string => line.split(':')[0] ?? '';

  it.each([
    ['a line is missing', (lines: string[], at: number) => lines.toSpliced(at, 1)],
    ['a line is there twice', (lines: string[], at: number) => lines.toSpliced(at, 0, 'a:x')],
    [
      'a value was never put',
      (lines: string[], at: number) => lines.with(at, `${keyOf(lines[at] ?? '')}:nowhere`),
    ],
    [
      'two answers have changed places',
      (lines: string[], at: number) => {
        const other = lines.findIndex((line) => keyOf(line) !== keyOf(lines[at] ?? ''));
        if (other === -1) return undefined;
        return lines.with(at, lines[other] ?? '').with(other, lines[at] ?? '');
      },
    ],
  ])('refuses an output in which %s', (_what, change) => {
    let count = 0;
    for (const { seed, script, lines } of answers()) {
      const at = randomBelow(createRandomStream(seed, 'change'), lines.length);
      const changed = change(lines, at);
      if (changed === undefined) continue;
      count += 1;
      const output = `${changed.join('\n')}\n`;
      const judgement = permits(readAssignment(script), output);
      expect(judgement.outcome, tell(seed, script, output, judgement)).toBe('refused');
    }
    expect(count).toBeGreaterThan(OTHER_SEEDS / 10);
  });

  it('refuses an answer that differs from the others after the last stabilize', () => {
    let count = 0;
    for (const { seed, script, lines } of answers()) {
      const answer = lines.at(-1) ?? '';
      const puts = [...script.matchAll(/^put \d+ (\S+) (\S+)$/gm)];
      const others = puts
        .map(([, key, value]) => `${key}:${value}`)
        .concat(`${keyOf(answer)}:ERR_KEY`);
      const other = others.find((one) => keyOf(one) === keyOf(answer) && one !== answer);
      if (other === undefined) continue;
      count += 1;
      const output = `${lines.with(-1, other).join('\n')}\n`;
      const judgement = permits(readAssignment(script), output);
      expect(judgement.outcome, tell(seed, script, output, judgement)).toBe('refused');
    }
    expect(count).toBeGreaterThan(OTHER_SEEDS / 10);
  });

  // How many of a hundred random scripts show the mistake depends on the mistake.
  it.each([
    ['loses-writes', 50],
    ['stale', 10],
    ['forgets-gets', 1],
    ['no-client-clock', 1],
    ['unbroken', 5],
    ['no-stabilize', 50],
    ['one-hop', 1],
    ['own-wins', 10],
    ['always-behind', 50],
  ])('finds the mistake %s', (mistake, least) => {
    let found = 0;
    for (let seed = 1; seed <= 100; seed += 1) {
      const script = endTogether(drawScript(seed, 60));
      const output = runStore(script, {}, mistake);
      if (permits(readAssignment(script), output).outcome === 'refused') found += 1;
    }
    expect(found).toBeGreaterThanOrEqual(least);
  });
});

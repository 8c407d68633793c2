// Runs the shipped scripts for a store of others, each on real programs, against its transcript.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SAID_MARK, splitScript, transcribe } from '../../src/language/transcript.ts';
import { hearAnswers } from '../scripts/answers.ts';
import {
  isRewriting,
  listEngineScripts,
  listEngineTranscripts,
  readAnswers,
  readTranscript,
  writeGolden,
} from '../scripts/shipped.ts';
import { IS_FULL } from '../support/extent.ts';
import { readBlocks } from '../support/walkthrough.ts';

/** Of a script on real programs, on a machine under load. */
export const FOR_LONG = { timeout: 180_000 };

/** Describes the scripts of an engine whose programs are there, or not. */
export function describeScripts(engine: string, isThere: boolean): void {
  const scripts = listEngineScripts(engine);

  describe(`the scripts for ${engine}`, () => {
    it('have a transcript each, which has their lines', () => {
      expect(listEngineTranscripts(engine)).toEqual(scripts.map(({ name }) => name));
      for (const script of scripts) {
        const lines = splitScript(readTranscript(script));
        const own = splitScript(readFileSync(script.path, 'utf8'));
        expect(lines.filter((line) => !line.startsWith(SAID_MARK))).toEqual(own);
      }
    });
  });

  it(`docs/engines/${engine}.md shows what they print`, () => {
    const blocks = readBlocks(readFileSync(`docs/engines/${engine}.md`, 'utf8'));
    const outputs = scripts.map((script) => [
      `$ node master.js inputs/${script.name}.txt`,
      readAnswers(script),
    ]);
    const shown = blocks.filter(({ kind }) => kind === 'console').map(({ text }) => text);
    expect(shown.sort()).toEqual(outputs.map((parts) => parts.join('\n')).sort());
  });

  describe.runIf(isThere)(`on ${engine}`, () => {
    // In a sample it is the one about stale reads, which waits for nothing.
    const chosen = IS_FULL ? scripts : scripts.filter(({ name }) => name.endsWith('/stale-read'));
    it.each(chosen)('$name says what its transcript has', FOR_LONG, async (script) => {
      const bytes = readFileSync(script.path);
      const heard = await hearAnswers(bytes);
      const transcript = transcribe(splitScript(bytes.toString()), heard);
      const text = transcript.map((line) => `${line}\n`).join('');
      if (isRewriting(process.env)) writeGolden(script.goldenPath, text);
      expect(text).toBe(readTranscript(script));
    });
  });
}

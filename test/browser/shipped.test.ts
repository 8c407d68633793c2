// Chromium is a third world: every shipped script gives in the page's worker what it gives in Node,
// and so do random scripts under random faults.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawTestCase } from '../../src/fuzz/draw.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';
import { formatFaults } from '../../src/sim/faultText.ts';
import { runScript } from '../../src/web/run/runScript.ts';
import type { RunSource, RunView } from '../../src/web/view.ts';
import { listShippedScripts, readAnswers } from '../scripts/shipped.ts';
import { runInPage } from './bench.ts';
import { type OpenPage, type PageBrowser, startBrowser } from './chromium.ts';

let browser: PageBrowser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

/** What the command line takes without options. */
function sourceOf(script: string): RunSource {
  return { script, protocol: 'causal', seed: 1, faults: '' };
}

function answersOf({ said }: RunView): string {
  const answers = said.filter(({ stream }) => stream === 'answer');
  return answers.map(({ text }) => `${text}\n`).join('');
}

let shown: OpenPage;
beforeAll(async () => {
  shown = await browser.open('causeway.html');
});

/** Runs the source in both; nothing may differ. */
async function compare(source: RunSource): Promise<RunView> {
  const inPage = await runInPage(shown.page, source);
  const inNode = await runScript(source);
  // Field by field: a difference is shown where it begins.
  expect(inPage.said).toEqual(inNode.said);
  expect(inPage.verdict).toEqual(inNode.verdict);
  expect(JSON.stringify(inPage.history)).toBe(JSON.stringify(inNode.history));
  expect(JSON.stringify(inPage.events)).toBe(JSON.stringify(inNode.events));
  expect(JSON.stringify(inPage)).toBe(JSON.stringify(inNode));
  expect(shown.problems).toEqual([]);
  return inPage;
}

it.each(listShippedScripts())('$name gives the same in the page', async (shipped) => {
  const view = await compare(sourceOf(readFileSync(shipped.path, 'utf8')));
  expect(answersOf(view)).toBe(readAnswers(shipped));
});

describe.each(PROTOCOLS)('random scripts of $name', (protocol) => {
  it.each([1, 2, 3, 4, 5])('seed %i gives the same in the page', async (seed) => {
    const { lines, faults } = drawTestCase(protocol, seed);
    const script = `${lines.join('\n')}\n`;
    await compare({ script, protocol: protocol.name, seed, faults: formatFaults(faults) });
  });
});

describe.each(['causeway.html', 'index.html'])('%s', (file) => {
  it('runs a script without a web server, and the browser complains of nothing', async () => {
    const shown = await browser.open(file);
    const [shipped] = listShippedScripts();
    const source = sourceOf(readFileSync(shipped?.path ?? '', 'utf8'));
    const view = await runInPage(shown.page, source);
    expect(view.failure).toBeUndefined();
    expect(view.events.length).toBeGreaterThan(0);
    expect(shown.problems).toEqual([]);
    await shown.close();
  });
});

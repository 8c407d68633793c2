// Exports of the page as a user gets them: files that are saved, and texts that are copied.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { toHistoryFile, toTraceFile } from '../../src/web/export/recordFiles.ts';
import type { RunView } from '../../src/web/view.ts';
import { runInPage } from './bench.ts';
import { causeway, type OpenPage, type PageBrowser, startBrowser } from './chromium.ts';
import { HOSTILE_SCRIPT } from './hostile.ts';

let browser: PageBrowser;
let shown: OpenPage;
let view: RunView;
beforeAll(async () => {
  browser = await startBrowser();
  shown = await browser.open('causeway.html');
  const source = { script: HOSTILE_SCRIPT, protocol: 'causal', seed: 7, faults: 'delay=1..40' };
  view = await runInPage(shown.page, source);
  await shown.page.getByRole('tab', { name: 'Export' }).click();
});
afterAll(() => browser?.close());

async function save(title: string): Promise<string> {
  const { page } = shown;
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: `Save: ${title}` }).click(),
  ]);
  const name = download.suggestedFilename();
  await page.getByText(`${name} is saved.`).waitFor();
  const path = join(browser.folder, name);
  await download.saveAs(path);
  return readFileSync(path, 'utf8');
}

it('the script, the trace and the history are those of the command line', async () => {
  const script = await save('Script');
  expect(script).toBe(HOSTILE_SCRIPT);
  const [trace, history] = ['cli.trace', 'cli.history'].map((name) => join(browser.folder, name));
  const words = ['--sim', '--seed', '7', '--faults', 'delay=1..40'];
  causeway([...words, '--trace', trace ?? '', '--history', history ?? ''], script);
  const saved = [await save('Trace'), await save('History')];
  expect(saved).toEqual([toTraceFile(view), toHistoryFile(view)]);
  expect(saved).toEqual([trace, history].map((path) => readFileSync(path ?? '', 'utf8')));
});

it('the picture is XML in which texts of users are only texts', async () => {
  const svg = await save('Diagram (SVG)');
  const read = await shown.page.evaluate(
    `(() => {
      const read = new DOMParser().parseFromString(${JSON.stringify(svg)}, 'image/svg+xml');
      const names = [...read.querySelectorAll('*')].map(({ localName }) => localName);
      return { root: read.documentElement.namespaceURI, names: [...new Set(names)] };
    })()`,
  );
  expect(read).toEqual({
    root: 'http://www.w3.org/2000/svg',
    names: expect.arrayContaining(['svg', 'rect', 'path', 'text']),
  });
  const { names } = read as { names: readonly string[] };
  expect(names).not.toContain('parsererror');
  expect(names).not.toContain('script');
  expect(names).not.toContain('img');
});

it.each(['Sequence (Mermaid)', 'Sequence (PlantUML)', 'ShiViz log'])(
  '%s is saved with one click and copied with another',
  async (title) => {
    const { page } = shown;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const saved = await save(title);
    expect(saved.split('\n').length).toBeGreaterThan(10);
    await page.getByRole('button', { name: `Copy: ${title}` }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('is copied.').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(saved);
  },
);

it('the browser complains of nothing', () => {
  expect(shown.problems).toEqual([]);
});

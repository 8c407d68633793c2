// Each button of the page does the same by mouse and by keyboard, and the browser complains of
// nothing. No kind of button is left out.
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitForRun } from './bench.ts';
import { causeway, type PageBrowser, startBrowser } from './chromium.ts';
import { byKeys, byMouse, SWEPT_PAGE, sweepButtons } from './sweep.ts';

/** Something of everything that the page has buttons for. A random script of it breaks. */
const SCRIPT = `protocol quorum n=2 read=1 write=1
joinServer 0
joinServer 1
joinServer 2
joinClient 3 0
put 3 x 1
get 3 x
`;
const SEEDS = 6;

let browser: PageBrowser;
beforeAll(async () => {
  browser = await startBrowser();
  causeway(['--sim', '--report', join(browser.folder, 'report.html')], SCRIPT);
});
afterAll(() => browser?.close());

/** Few seeds, judged by more than the protocol guarantees, so that some break. */
async function prepare(page: Page): Promise<void> {
  // What a button has said goes after a while.
  const said = page.locator('.shell-said').filter({ hasText: /./ });
  await said.waitFor({ state: 'detached' });
  const seeds = page.getByLabel('seeds', { exact: true });
  if (!(await seeds.isVisible()) || !(await seeds.isEnabled())) return;
  await seeds.fill(String(SEEDS));
  await page.getByLabel('judged by').selectOption('linearizable');
}

async function pressAndSettle(page: Page, press: () => Promise<void>): Promise<void> {
  await press();
  await page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
  await waitForRun(page);
}

/** They are there only while something goes on. */
const TRANSIENT = new Set(['Stop', 'Stop, and take the best so far']);

async function sweep(file: string, hidden = '') {
  const open = () => browser.open(file, SWEPT_PAGE);
  const [mouse, keys] = [await open(), await open()];
  for (const { page } of [mouse, keys]) {
    await page.addInitScript(`addEventListener('DOMContentLoaded', () => { ${hidden} })`);
  }
  const swept = { mouse: byMouse(mouse), keys: byKeys(keys) };
  const last = new Set<string>();
  const done = await sweepButtons({
    ...swept,
    prepare,
    pressAndSettle,
    transient: TRANSIENT,
    last,
  });
  await mouse.close();
  await keys.close();
  return done;
}

const LIMIT = { timeout: 300_000 };

it('the playground has no button that differs or was missed', LIMIT, async () => {
  const { pressed, differing, missed } = await sweep('causeway.html');
  expect(differing).toEqual([]);
  expect(missed).toEqual([]);
  expect(pressed).toEqual(
    expect.arrayContaining(['Run seeds', 'Shrink the script of seed', 'Launch', 'Close', 'Table']),
  );
});

it('a report has none; the sweep notices one that cannot be pressed', LIMIT, async () => {
  const hide = `const own = document.createElement('button');
    own.textContent = 'Unreachable';
    own.disabled = true;
    document.body.append(own);`;
  const { pressed, differing, missed } = await sweep('report.html', hide);
  expect(differing).toEqual([]);
  expect(missed).toEqual(['Unreachable']);
  expect(pressed).toEqual(expect.arrayContaining(['Table', 'Zoom in', 'Save: Trace']));
});

// The pages as a whole, a playground, a report and plots of an evaluation: nothing serious for
// axe-core, no sideways scrolling, light and dark, and texts of users that stay texts.
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runInPage, waitForRun } from './bench.ts';
import { causeway, type OpenPage, type PageBrowser, startBrowser } from './chromium.ts';
import { HOSTILE_MARK, HOSTILE_SCRIPT, HOSTILE_TEXTS } from './hostile.ts';
import { findViolations } from './violations.ts';

let browser: PageBrowser;
beforeAll(async () => {
  browser = await startBrowser();
  causeway(['--sim', '--report', join(browser.folder, 'report.html')], HOSTILE_SCRIPT);
});
afterAll(() => browser?.close());

const FILES = ['causeway.html', 'report.html'] as const;
const HOSTILE = { script: HOSTILE_SCRIPT, protocol: 'causal', seed: 1, faults: '' };

async function openHostile(
  file: (typeof FILES)[number],
  options: Parameters<PageBrowser['open']>[1],
): Promise<OpenPage> {
  const shown = await browser.open(file, options);
  if (file === 'causeway.html') await runInPage(shown.page, HOSTILE);
  else await waitForRun(shown.page);
  return shown;
}

/** Calls back with each tab of the page open in turn. */
async function forEachTab(page: Page, look: (tab: string) => Promise<void>): Promise<void> {
  for (const tab of await page.getByRole('tab').all()) {
    await tab.click();
    await look(await tab.innerText());
  }
}

describe.each(FILES)('%s', (file) => {
  it.each(['light', 'dark'] as const)('has nothing serious for axe-core, %s', async (scheme) => {
    const shown = await openHostile(file, { colorScheme: scheme, reducedMotion: 'reduce' });
    const found = new Set<string>();
    await forEachTab(shown.page, async () => {
      for (const one of await findViolations(shown.page)) found.add(one);
    });
    expect([...found]).toEqual([]);
    await shown.close();
  });

  it('is light or dark as the reader prefers', async () => {
    const grounds: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      const shown = await browser.open(file, { colorScheme });
      await waitForRun(shown.page);
      grounds.push(String(await shown.page.evaluate('getComputedStyle(document.body).color')));
      await shown.close();
    }
    expect(grounds[0]).not.toBe(grounds[1]);
  });

  it.each([360, 1280, 1920])('needs no sideways scrolling at %i pixels', async (width) => {
    const shown = await openHostile(file, { viewport: { width, height: 800 } });
    await forEachTab(shown.page, async (tab) => {
      const wide = await shown.page.evaluate('document.documentElement.scrollWidth');
      expect([tab, wide]).toEqual([tab, width]);
    });
    await shown.close();
  });

  it('shows keys and values as text, with what cannot be seen escaped', async () => {
    const shown = await openHostile(file, {});
    const { page } = shown;
    await forEachTab(page, async (tab) => {
      expect(await page.evaluate(`window.${HOSTILE_MARK}`)).toBeUndefined();
      expect(await page.locator('img[src]').count()).toBe(0);
      const text = String(await page.evaluate(TEXT_OUTSIDE_EDITOR));
      expect([tab, text.match(UNSEEN)]).toEqual([tab, null]);
    });
    const text = String(await page.evaluate('document.body.textContent'));
    for (const hostile of HOSTILE_TEXTS.slice(0, 6)) expect(text).toContain(hostile);
    expect(shown.problems).toEqual([]);
    await shown.close();
  });
});

it('a report opens where the script broke a level, below comments too', async () => {
  const broken = 'joinServer 0\njoinServer 1\njoinClient 5 0\njoinClient 6 1\nput 5 x 1\nget 6 x\n';
  const report = join(browser.folder, 'comments.html');
  const words = ['--sim', '--gossip', 'off', '--report', report];
  causeway(words, `${'# A comment.\n'.repeat(300)}${broken}`);
  const shown = await browser.open('comments.html');
  await waitForRun(shown.page);
  const marked = shown.page.locator('.editor-witness').first();
  await marked.waitFor({ timeout: 10_000 });
  const { y = -1 } = (await marked.boundingBox()) ?? {};
  expect(y).toBeGreaterThan(0);
  expect(y).toBeLessThan(720);
  await shown.close();
});

describe('plots of an evaluation', () => {
  const FILE = 'evaluation.html';
  beforeAll(() => {
    const report = join(browser.folder, FILE);
    const few = ['--only', 'times', '--rounds', '1'];
    causeway(['evaluate', 'quorum', '--sim', ...few, '--report', report]);
  });

  it.each(['light', 'dark'] as const)('have nothing serious for axe-core, %s', async (scheme) => {
    const shown = await browser.open(FILE, { colorScheme: scheme });
    expect(await findViolations(shown.page)).toEqual([]);
    expect(shown.problems).toEqual([]);
    await shown.close();
  });

  it.each([360, 1280, 1920])('need no sideways scrolling at %i pixels', async (width) => {
    const shown = await browser.open(FILE, { viewport: { width, height: 800 } });
    expect(await shown.page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    await shown.close();
  });
});

/** Controls, and characters that change the direction of writing or are not seen. */
const UNSEEN = /[^\P{Cc}\n\t]|[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** The text that is edited is shown by the editor, which marks such characters in its own way. */
const TEXT_OUTSIDE_EDITOR = `(() => {
  const copy = document.body.cloneNode(true);
  for (const part of copy.querySelectorAll('script, .cm-line')) part.remove();
  return copy.textContent;
})()`;

// Each button of the page does the same by mouse and by keyboard, and the browser complains of
// nothing.
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitForRun } from './bench.ts';
import { causeway, type OpenPage, type PageBrowser, startBrowser } from './chromium.ts';

/** Something of everything that the page has buttons for. */
const SCRIPT = `protocol quorum
joinServer 0
joinServer 1
joinServer 2
joinClient 3 0
put 3 x 1
get 3 x
`;

/** What takes long, or as long as the machine needs: it has tests of its own. */
const UNSTEADY = /^Run \d+ seeds$/;

let browser: PageBrowser;
beforeAll(async () => {
  browser = await startBrowser();
  causeway(['--sim', '--report', join(browser.folder, 'report.html')], SCRIPT);
});
afterAll(() => browser?.close());

const NEXT_FRAME =
  'new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))';

/** Those of the open tab, or those around all tabs, in the order of the document. */
function buttonsOf(page: Page, isInTab: boolean): Locator {
  const place = isInTab ? '[role="tabpanel"] button' : 'button:not([role="tabpanel"] *)';
  return page.locator(`${place}:not([role="tab"]):enabled`).filter({ visible: true });
}

interface Place {
  readonly tab: string;
  readonly isInTab: boolean;
}

type Act = (button: Locator) => Promise<void>;

async function openTab(page: Page, tab: string): Promise<void> {
  await waitForRun(page);
  await page.getByRole('tab', { name: tab }).click();
  await page.getByRole('tabpanel', { name: tab }).waitFor();
  // What the tab shows first is drawn with the next frame.
  await page.evaluate(NEXT_FRAME);
}

/** `Zoom in`, or the text of a button without a label. */
async function nameOf(button: Locator): Promise<string> {
  return (await button.getAttribute('aria-label')) ?? (await button.innerText());
}

async function listNames(page: Page, isInTab: boolean): Promise<string[]> {
  const names: string[] = [];
  for (const button of await buttonsOf(page, isInTab).all()) names.push(await nameOf(button));
  return names;
}

/** One of two pages that get the same presses. */
class Pressed {
  readonly #shown: OpenPage;
  readonly #act: Act;

  constructor(shown: OpenPage, act: Act) {
    this.#shown = shown;
    this.#act = act;
  }

  get page(): Page {
    return this.#shown.page;
  }

  /** Presses a button. Returns what the page is then, and closes what has opened over it. */
  async press(place: Place, index: number, name: string): Promise<string> {
    const { page, problems } = this.#shown;
    const button = buttonsOf(page, place.isInTab).nth(index);
    if ((await button.count()) === 0 || (await nameOf(button)) !== name) {
      // An earlier press has changed what there is.
      await page.reload();
      await openTab(page, place.tab);
    }
    await this.#act(button);
    await waitForRun(page);
    const after = await page.locator('body').ariaSnapshot();
    await page.keyboard.press('Escape');
    expect([name, problems]).toEqual([name, []]);
    return after;
  }

  close(): Promise<void> {
    return this.#shown.close();
  }
}

describe.each(['causeway.html', 'report.html'])('%s', (file) => {
  let mouse: Pressed;
  let keys: Pressed;
  const places: Place[] = [];
  beforeAll(async () => {
    const open = () => browser.open(file, { reducedMotion: 'reduce' });
    mouse = new Pressed(await open(), (button) => button.click());
    keys = new Pressed(await open(), (button) => button.press('Enter'));
    await waitForRun(mouse.page);
    const tabs = await mouse.page.getByRole('tab').allInnerTexts();
    places.push({ tab: tabs[0] ?? '', isInTab: false });
    places.push(...tabs.map((tab) => ({ tab, isInTab: true })));
  });
  afterAll(async () => {
    await mouse?.close();
    await keys?.close();
  });

  it('has buttons that do the same by mouse and by keyboard', { timeout: 300_000 }, async () => {
    const differing: string[] = [];
    let pressed = 0;
    for (const place of places) {
      for (const { page } of [mouse, keys]) {
        await page.reload();
        await openTab(page, place.tab);
      }
      const names = await listNames(mouse.page, place.isInTab);
      expect(await listNames(keys.page, place.isInTab)).toEqual(names);
      for (const [index, name] of names.entries()) {
        if (UNSTEADY.test(name)) continue;
        const [byMouse, byKey] = await Promise.all([
          mouse.press(place, index, name),
          keys.press(place, index, name),
        ]);
        if (byMouse !== byKey) differing.push(`${place.tab}: ${name}`);
        pressed += 1;
      }
    }
    expect(differing).toEqual([]);
    expect(pressed).toBeGreaterThan(10);
  });
});

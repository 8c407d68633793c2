// The diagram by mouse and by keyboard, and whether those can use it who do not see it.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunView } from '../../src/web/view.ts';
import { runInPage } from './bench.ts';
import { type OpenPage, type PageBrowser, startBrowser } from './chromium.ts';
import { findViolations } from './violations.ts';

const SCRIPT = readFileSync('inputs/causal/partition.txt', 'utf8');

let browser: PageBrowser;
let shown: OpenPage;
let view: RunView;
beforeAll(async () => {
  browser = await startBrowser();
  shown = await browser.open('causeway.html');
  const source = { script: SCRIPT, protocol: 'causal', seed: 7, faults: '' };
  view = await runInPage(shown.page, source);
});
afterAll(() => browser?.close());

const slider = () => shown.page.getByRole('slider', { name: 'Cursor of the space-time diagram' });
const cursorText = () => slider().getAttribute('aria-valuetext');

describe('the diagram', () => {
  it('steps with the keyboard over events that are shown', async () => {
    await slider().focus();
    await shown.page.keyboard.press('Home');
    expect(await cursorText()).toContain(`1 of ${view.events.length} · 0 ms · server 0 starts`);
    await shown.page.keyboard.press('ArrowRight');
    expect(await cursorText()).toContain('server 1 starts');
    await shown.page.keyboard.press(']');
    expect(await cursorText()).toContain('server 1');
  });

  it('searches, and shows the past and the future of what is found', async () => {
    await shown.page.keyboard.press('/');
    await shown.page.keyboard.type('square');
    await shown.page.keyboard.press('Enter');
    expect(await cursorText()).toContain('line 23');
    await slider().focus();
    await shown.page.keyboard.press('Enter');
    await shown.page.getByText(/of the selected event: \d+ before/).waitFor();
    await shown.page.keyboard.press('Escape');
    await shown.page.getByText(/of the selected event/).waitFor({ state: 'detached' });
  });

  it('has a table of the same events, in which arrows move the cursor', async () => {
    await slider().focus();
    await shown.page.keyboard.press('Home');
    await shown.page.getByRole('button', { name: 'Table' }).click();
    const row = shown.page.locator('.diagram-table tr[aria-current] button');
    expect(await row.textContent()).toBe('starts as a server, life 1');
    await row.focus();
    await shown.page.keyboard.press('ArrowDown');
    expect(await shown.page.locator('.diagram-table tr[aria-current]').textContent()).toContain(
      'server 1',
    );
    expect(await findViolations(shown.page, '.diagram')).toEqual([]);
    await shown.page.getByRole('button', { name: 'Table' }).click();
  });

  it('zooms in and fits again, without an error, and axe finds nothing serious', async () => {
    const part = shown.page.getByRole('scrollbar', { name: 'Part of the run that is shown' });
    const width = () => part.locator('.diagram-window').evaluate(({ clientWidth }) => clientWidth);
    const whole = await width();
    await shown.page.getByRole('button', { name: 'Zoom in' }).click();
    expect(await width()).toBeLessThan(whole * 0.8);
    await shown.page.getByRole('button', { name: 'Fit' }).click();
    expect(await width()).toBe(whole);
    expect(await findViolations(shown.page, '.diagram')).toEqual([]);
    expect(shown.problems).toEqual([]);
  });
});

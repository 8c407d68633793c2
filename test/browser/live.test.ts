// A live run in a browser: it grows line by line, by mouse and by keyboard, on real processes and
// in simulation; other addresses are refused.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type LiveProgram, type PageBrowser, serve, startBrowser } from './chromium.ts';
import { byKeys, byMouse, SWEPT_PAGE, sweepButtons } from './sweep.ts';
import { findViolations } from './violations.ts';

const SCRIPT = `# A write that the other side does not see.
joinServer 0
joinServer 1
joinClient 2 0
joinClient 3 1
breakConnection 0 1
put 2 tea green
get 3 tea
`;
const LINES = SCRIPT.split('\n').length - 1;
/** Long enough to be stopped on its way. */
/** Takes half a minute, so that it is under way whenever a busy browser presses. */
/** By how they are stood still: a run that is busy all the time, and one in real time. */
const LONG = {
  press: { options: ['--sim'], line: 'workload ops=300', lines: 4_000 },
  // It takes longer than any machine needs for a click.
  click: { options: [], line: 'sleep 100ms', lines: 1_000 },
};

let browser: PageBrowser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

const programs: LiveProgram[] = [];
afterEach(async () => {
  for (const program of programs.splice(0)) await program.stop();
});

async function serveScript(script: string, ...options: string[]): Promise<LiveProgram> {
  const path = join(browser.folder, 'live.txt');
  writeFileSync(path, script);
  const program = await serve([...options, path]);
  programs.push(program);
  return program;
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** Waits until the run stands still after so many lines of the script. */
async function standsAfter(page: Page, done: number, of = LINES): Promise<void> {
  await page.getByText(`${done} of ${of} lines done; the run stands still.`).waitFor();
}

function countEvents(page: Page): Promise<number> {
  return page.evaluate('window.causeway.view.value.events.length') as Promise<number>;
}

describe('a live run', () => {
  it('grows line by line on real processes, by mouse', async () => {
    const program = await serveScript(SCRIPT);
    const { page, problems } = await browser.open(program.address);
    await standsAfter(page, 0);
    await page.getByText('Next is line 2: joinServer 0').waitFor();
    let events = 0;
    for (let done = 2; done <= LINES; done += 1) {
      await button(page, 'Next line').click();
      await standsAfter(page, done);
      const now = await countEvents(page);
      expect(now).toBeGreaterThan(events);
      events = now;
      if (done === 3) {
        await page.getByRole('group', { name: '2 servers, 0 clients, 1 whole link' }).waitFor();
      }
    }
    await page.getByRole('group', { name: /2 servers, 2 clients, 2 whole links, 1 imp/ }).waitFor();
    const answer = page.locator('.cm-content').getByText('tea:ERR_KEY');
    await answer.waitFor();
    expect(program.answers()).toBe('tea:ERR_KEY\n');
    const slider = page.getByRole('slider', { name: 'Cursor of the space-time diagram' });
    expect(await slider.getAttribute('aria-valuetext')).toContain(`${events} of ${events}`);
    await page.getByText(/there was no tea until client 3 found no tea \(line 8\)/).waitFor();
    expect(await button(page, 'Next line').isEnabled()).toBe(false);
    await button(page, 'End the run').click();
    await page.getByText(`${LINES} of ${LINES} lines done; the run has ended.`).waitFor();
    expect(await program.ended).toBe(0);
    expect(problems).toEqual([]);
  });

  it('is led by keyboard alone: to a line, by a typed line, to the end', async () => {
    const program = await serveScript(SCRIPT, '--sim');
    const { page, problems } = await browser.open(program.address);
    await standsAfter(page, 0);
    await page.getByRole('textbox', { name: 'Script' }).focus();
    await page.keyboard.press('Control+Home');
    for (let line = 1; line < 6; line += 1) await page.keyboard.press('ArrowDown');
    await button(page, 'Run to line 6').press('Enter');
    await standsAfter(page, 6);
    await page.getByRole('textbox', { name: 'A line to do next' }).focus();
    await page.keyboard.type('put 3 tea black');
    await page.keyboard.press('Enter');
    await standsAfter(page, 7, LINES + 1);
    await page.locator('.cm-line').getByText('put 3 tea black').waitFor();
    await page.getByRole('textbox', { name: 'A line to do next' }).focus();
    await page.keyboard.type('fly 3');
    await page.keyboard.press('Enter');
    await standsAfter(page, 8, LINES + 2);
    await page.getByText('E_UNKNOWN_COMMAND').waitFor();
    await button(page, 'Run all').press(' ');
    await standsAfter(page, LINES + 2, LINES + 2);
    expect(program.answers()).toBe('tea:black\n');
    await button(page, 'End the run').press('Enter');
    expect(await program.ended).toBe(0);
    expect(problems).toEqual([]);
  });

  it.each(['click', 'press'] as const)('stands still on its way, by %s', async (how) => {
    const { options, line, lines } = LONG[how];
    const script = `joinServer 0\njoinClient 2 0\n${`${line}\n`.repeat(lines)}`;
    const { page } = await browser.open((await serveScript(script, ...options)).address);
    await button(page, 'Run all').click();
    const still = button(page, 'Stand still');
    await (how === 'click' ? still.click() : still.press('Enter'));
    const standing = page.getByText(
      new RegExp(`^\\d+ of ${lines + 2} lines done; the run stands still\\.$`),
    );
    await standing.waitFor();
    expect(Number.parseInt(await standing.innerText(), 10)).toBeLessThan(lines + 2);
  });

  it('comes whole to a page that opens late', async () => {
    const { address } = await serveScript(SCRIPT, '--sim');
    const first = await browser.open(address);
    await button(first.page, 'Run all').click();
    await standsAfter(first.page, LINES);
    const late = await browser.open(address);
    await standsAfter(late.page, LINES);
    expect(await countEvents(late.page)).toBe(await countEvents(first.page));
    await first.page.locator('.cm-content').getByText('tea:ERR_KEY').waitFor();
    await late.page.locator('.cm-content').getByText('tea:ERR_KEY').waitFor();
  });
});

describe('the page of a live run', () => {
  it.each(['light', 'dark'] as const)('has nothing serious for axe-core, %s', async (scheme) => {
    const { address } = await serveScript(SCRIPT, '--sim');
    const { page } = await browser.open(address, { colorScheme: scheme, reducedMotion: 'reduce' });
    await standsAfter(page, 0);
    expect(await findViolations(page)).toEqual([]);
    await button(page, 'Run all').click();
    await standsAfter(page, LINES);
    expect(await findViolations(page)).toEqual([]);
  });

  it.each([360, 1280, 1920])('needs no sideways scrolling at %i pixels', async (width) => {
    const { address } = await serveScript(SCRIPT, '--sim');
    const { page } = await browser.open(address, { viewport: { width, height: 800 } });
    await button(page, 'Run all').click();
    await standsAfter(page, LINES);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
  });

  it('is refused to another address, which a page explains', async () => {
    const { address } = await serveScript(SCRIPT, '--sim');
    const { origin, pathname } = new URL(address);
    const wrong = `${origin}/${'x'.repeat(pathname.length - 2)}/`;
    for (const [other, status] of [
      [wrong, 403],
      [`${origin}/`, 404],
    ] as const) {
      const { page } = await browser.open('causeway.html');
      const response = await page.goto(other);
      expect(response?.status()).toBe(status);
      await page
        .getByRole('heading', { name: 'This is not the address of the live run' })
        .waitFor();
      expect(await page.content()).not.toContain(pathname.slice(1, -1));
      expect(await page.content()).not.toContain('xxx');
      expect(await findViolations(page)).toEqual([]);
    }
  });
});

it('each of its buttons does the same by mouse and by keyboard', { timeout: 300_000 }, async () => {
  const swept: Parameters<typeof sweepButtons>[0]['mouse'][] = [];
  for (const act of [byMouse, byKeys]) {
    // So many lines that some are left for each button that does lines.
    const { address } = await serveScript(`${SCRIPT}${'get 2 tea\n'.repeat(60)}`, '--sim');
    swept.push(act(await browser.open(address, SWEPT_PAGE)));
  }
  const [mouse, keys] = swept;
  if (mouse === undefined || keys === undefined) throw new Error('unreachable');
  for (const { shown } of swept) {
    await shown.page.addInitScript(COUNT_ORDERS);
    await shown.page.reload();
  }
  const { pressed, differing, missed } = await sweepButtons({
    ...{ mouse, keys, prepare, pressAndSettle },
    transient: new Set(['Stand still']),
    last: new Set(['Run all', 'End the run']),
  });
  expect(differing).toEqual([]);
  expect(missed).toEqual([]);
  const own = ['Next line', 'Run to line', 'Run all', 'Do it', 'End the run'];
  expect(pressed).toEqual(expect.arrayContaining([...own, 'heal', 'Table', 'Save: Trace']));
});

const COUNT_ORDERS = `(() => {
  window.orders = 0;
  const send = window.fetch;
  window.fetch = (...given) => {
    window.orders += 1;
    return send(...given);
  };
})()`;

/** A line to type, and a line to run to. */
async function prepare(page: Page): Promise<void> {
  const line = page.getByRole('textbox', { name: 'A line to do next' });
  if (!(await line.isEnabled())) return;
  await line.fill('get 2 tea');
  await page.evaluate('causeway.line.value = 5');
}

/** An order has come through when the page says that the run stands at another place. */
async function pressAndSettle(page: Page, press: () => Promise<void>): Promise<void> {
  const standing = page.locator('.live-standing [role="status"]');
  const [before, orders] = [await standing.innerText(), await page.evaluate('orders')];
  await press();
  if ((await page.evaluate('orders')) === orders) return;
  const still = standing.filter({ hasNotText: 'under way' });
  await still.filter({ hasNotText: before }).waitFor();
}

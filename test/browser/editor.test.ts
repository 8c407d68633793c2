// The editor of the page: answers, marks, completion, links, examples, a run without an end.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeLink } from '../../src/web/share/link.ts';
import { readSource, runInPage, waitForView } from './bench.ts';
import { type OpenPage, type PageBrowser, startBrowser } from './chromium.ts';

let browser: PageBrowser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

let shown: OpenPage;
beforeEach(async () => {
  shown = await browser.open('causeway.html');
  await verdict().getByText('linearizable').waitFor();
});
afterEach(async () => {
  expect(shown.problems).toEqual([]);
  await shown.close();
});

const USUAL = { protocol: 'causal', seed: 1, faults: '' };

/** Takes a computer of today many seconds. */
const SLOW = 'workload clients=2 from=2 ops=100000\n'.repeat(20);

function script() {
  return shown.page.getByRole('region', { name: 'Script' });
}

function verdict() {
  return shown.page.getByRole('region', { name: 'Verdict' });
}

/** Puts the caret at the end of the script, and types. */
async function type(text: string): Promise<void> {
  await script().getByRole('textbox', { name: 'Script' }).focus();
  await shown.page.keyboard.press('Control+End');
  await shown.page.keyboard.type(text);
}

describe('the script', () => {
  it('shows answers beside their lines, and new ones after an edit', async () => {
    const answers = script().locator('.editor-answer');
    expect(await answers.allInnerTexts()).toEqual(['tea:ERR_KEY', 'tea:green']);
    await type('get 2 tea');
    await answers.nth(2).waitFor();
    expect(await answers.allInnerTexts()).toEqual(['tea:ERR_KEY', 'tea:green', 'tea:green']);
    expect((await readSource(shown.page)).script).toMatch(/get 3 tea\nget 2 tea$/);
  });

  it('says why a line is bad, with its code', async () => {
    await type('joinSever 4');
    await script().getByText("'joinSever' is no command; the nearest is joinServer").waitFor();
    await script().getByText('E_UNKNOWN_COMMAND').waitFor();
  });

  it('says which answer was expected, and which one came', async () => {
    await type('get 2 tea\nexpect tea:black');
    await script().getByText("expected 'tea:black', but line").waitFor();
    await script().getByText('E_EXPECT').waitFor();
  });

  it('completes words by what the lines before tell', async () => {
    await type('printS');
    const list = shown.page.getByRole('listbox', { name: 'Completions' });
    await list.getByText('printStore').waitFor();
    await shown.page.keyboard.press('Escape');
    await shown.page.keyboard.type('tore ');
    await shown.page.keyboard.press('Control+Space');
    await list.getByRole('option').first().waitFor();
    expect(await list.getByRole('option').allInnerTexts()).toEqual(['0', '1']);
  });

  it('shows hostile texts as text', async () => {
    const value = '</script><img src=x onerror="throw 1"> \u202eabc';
    const text = `joinServer 0\njoinClient 1 0\nput 1 k ${value}\nget 1 k\n`;
    await runInPage(shown.page, { ...USUAL, script: text });
    const answer = script().locator('.editor-answer').first();
    await answer.getByText('onerror').waitFor();
    expect(await answer.innerText()).toContain('</script><img src=x onerror="throw 1"> \\u202eabc');
    expect(await shown.page.locator('img[src]').count()).toBe(0);
  });

  it('marks the lines of the witness, and a row of the verdict selects its line', async () => {
    expect(await script().locator('.cm-line.editor-witness').allInnerTexts()).toEqual([
      expect.stringContaining('put 2 tea green'),
      expect.stringContaining('get 3 tea'),
    ]);
    await verdict().getByRole('button', { name: 'line 7' }).click();
    expect(await script().locator('.cm-line.editor-selected').innerText()).toBe('put 2 tea green');
  });

  it('is replaced by an example, and undo brings it back', async () => {
    const before = (await readSource(shown.page)).script;
    await shown.page.getByRole('button', { name: 'Examples' }).click();
    const dialog = shown.page.getByRole('dialog', { name: 'Examples' });
    await dialog.getByRole('searchbox').fill('causal partition');
    await dialog.getByRole('button', { name: /^partition/ }).click();
    const chosen = await readSource(shown.page);
    expect(chosen.script).toContain('partition 0 1 | 2 3 4');
    await waitForView(shown.page, chosen);
    await script().getByRole('button', { name: 'Undo' }).click();
    expect((await readSource(shown.page)).script).toBe(before);
  });
});

describe('what a script is run with', () => {
  it('refuses wrong faults and seeds in words, and keeps the former ones', async () => {
    await script().getByLabel('Faults').fill('loss=2');
    await script().getByText("'2' is no share").waitFor();
    await script().getByLabel('Seed', { exact: true }).fill('-4');
    await script().getByText('A seed is a whole number').waitFor();
    expect(await readSource(shown.page)).toMatchObject({ seed: 1, faults: '' });
    await script().getByRole('button', { name: 'Next seed' }).click();
    await script().getByLabel('Faults').fill('loss=0.2');
    expect(await readSource(shown.page)).toMatchObject({ seed: 2, faults: 'loss=0.2' });
  });
});

describe('a link', () => {
  it('is made by the button, and brings the source back', async () => {
    await type('get 2 tea');
    await script().getByLabel('Faults').fill('duplication=0.1');
    await shown.page.getByRole('button', { name: 'Copy link' }).click();
    await shown.page.getByRole('status').getByText('The link').waitFor();
    const source = await readSource(shown.page);
    const again = await browser.open('causeway.html');
    await again.page.goto(shown.page.url());
    await waitForView(again.page, source);
    expect(await readSource(again.page)).toEqual(source);
    await again.close();
  });

  it('that is damaged is refused with a sentence, and the page stays as it was', async () => {
    const link = await encodeLink({ ...USUAL, script: 'joinServer 0\n' });
    await shown.page.goto(`${shown.page.url()}#${link.slice(0, -4)}`);
    await shown.page.getByRole('alert').getByText('The link is damaged').waitFor();
    expect((await readSource(shown.page)).script).toContain('tea green');
  });
});

describe('a run that does not come to an end', () => {
  it('is stopped by a button, and the next edit runs again', async () => {
    await type('');
    await shown.page.keyboard.insertText(SLOW);
    await verdict().getByText('Still running').waitFor();
    await verdict().getByRole('button', { name: 'Stop' }).click();
    await verdict().getByText('The run was stopped').waitFor();
    const quick = { ...USUAL, script: 'joinServer 0\njoinClient 1 0\nget 1 k\n' };
    const view = await runInPage(shown.page, quick);
    expect(view.said.map(({ text }) => text)).toEqual(['k:ERR_KEY']);
    expect(await verdict().getByText('The run was stopped').count()).toBe(0);
  });
});

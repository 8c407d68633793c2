// Random scripts in the page: found, opened and shrunk, by mouse and by keyboard.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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
  await shown.page.getByRole('tab', { name: 'Random scripts' }).click();
});
afterEach(async () => {
  expect(shown.problems).toEqual([]);
  await shown.close();
});

const STALE = `joinServer 0
joinServer 1
joinClient 2 0
joinClient 3 1
breakConnection 0 1
put 2 x 1
put 2 y 1
get 3 x
`;

function panel() {
  return shown.page.getByRole('region', { name: 'Random scripts' });
}

async function search(seeds: number): Promise<void> {
  await panel().getByLabel('judged by').selectOption('linearizable');
  await panel().getByLabel('seeds', { exact: true }).fill(String(seeds));
  await panel()
    .getByRole('button', { name: `Run ${seeds} seeds` })
    .click();
  await panel().getByText(`${seeds} of ${seeds} seeds`).waitFor();
}

describe('random scripts of the page', () => {
  it('are listed where they break a level, and opened with their faults', async () => {
    await search(12);
    const rows = panel().getByRole('row');
    // The head is a row too.
    expect(await rows.count()).toBeGreaterThan(2);
    const [seed = ''] = await rows.nth(1).getByRole('rowheader').allInnerTexts();
    await panel()
      .getByRole('button', { name: `Open the script of seed ${seed}`, exact: true })
      .click();
    const source = await readSource(shown.page);
    expect(source.seed).toBe(Number(seed));
    expect(source.script).toContain(`# Broken with seed ${seed}: linearizable: `);
    await panel().getByText(`The script of seed ${seed}`).waitFor();
    const view = await waitForView(shown.page, source);
    expect(view.verdict.witness).not.toBeNull();
  });

  it('of the editor are shrunk, by keyboard alone', async () => {
    const { page } = shown;
    await runInPage(page, { script: STALE, protocol: 'causal', seed: 1, faults: 'delay=1..40' });
    await panel().getByLabel('this script').focus();
    await page.keyboard.press('Space');
    await search(4);
    await panel().getByRole('button', { name: 'Shrink the script of seed 3' }).focus();
    await page.keyboard.press('Enter');
    await panel().getByText('The shrunk script of seed 3, 7 lines, is in the editor.').waitFor();
    const source = await readSource(page);
    expect(source.faults).toBe('');
    expect(source.script.split('\n').slice(0, 7)).toEqual(
      STALE.split('\n').filter((line) => line !== '' && line !== 'put 2 y 1'),
    );
  });

  it('can be stopped: what was found stays', async () => {
    await panel().getByLabel('judged by').selectOption('linearizable');
    await panel().getByLabel('seeds', { exact: true }).fill('100000');
    await panel().getByRole('button', { name: 'Run 100000 seeds' }).click();
    await panel().getByRole('row').nth(1).waitFor();
    // The focus went to it, so that one key ends what one key began.
    await shown.page.keyboard.press('Enter');
    await panel().getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached' });
    expect(await panel().getByRole('row').count()).toBeGreaterThan(1);
    await search(4);
  });

  it('break nothing that the protocol guarantees', async () => {
    await panel().getByLabel('seeds', { exact: true }).fill('8');
    await panel().getByRole('button', { name: 'Run 8 seeds' }).click();
    await panel().getByText('8 of 8 seeds, 0 broke').waitFor();
    await panel().getByText('No seed broke.').waitFor();
  });
});

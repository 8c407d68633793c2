// The library `causeway-kv/sim` in a browser: the same runs as in Node, beside other work.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runScript, type ScriptRun } from '../../src/runner/index.ts';
import { type PageBrowser, startBrowser } from './chromium.ts';

let browser: PageBrowser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

const SETTINGS = { seed: 7, faults: 'loss=0.1,delay=1..40' };
const SCRIPT = `protocol chain
joinServer 0
joinServer 1
joinClient 5 0
put 5 x 1
workload ops=50
get 5 x
check linearizable
`;

it('runs scripts as in Node', async () => {
  const library = readFileSync('dist/sim.mjs', 'utf8');
  writeFileSync(join(browser.folder, 'empty.html'), '<!doctype html><title>empty</title>');
  const { page, problems } = await browser.open('empty.html');
  // A text, because the test runner would translate the import.
  const inPage = (await page.evaluate(`(async () => {
    const text = ${JSON.stringify(library)};
    const script = ${JSON.stringify(SCRIPT)};
    const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
    const { runScript } = await import(url);
    const settings = ${JSON.stringify(SETTINGS)};
    const [one, other] = await Promise.all([runScript(script, settings), runScript(script)]);
    const { output, status, trace } = one;
    return { output, status, trace, other: other.output, held: other.check('causal').outcome };
  })()`)) as Pick<ScriptRun, 'output' | 'status' | 'trace'> & { other: string; held: string };
  const inNode = await runScript(SCRIPT, SETTINGS);
  expect([inPage.output, inPage.status]).toEqual([inNode.output, inNode.status]);
  expect(inPage.trace).toEqual(JSON.parse(JSON.stringify(inNode.trace)));
  expect([inPage.other, inPage.held]).toEqual([(await runScript(SCRIPT)).output, 'holds']);
  expect(problems).toEqual([]);
});

// The script language with the simulation runs in a browser: its bundle imports no module of Node,
// and gives the answers of every shipped script in a realm that has only a browser's globals.
import { readFileSync } from 'node:fs';
import { createContext, Script } from 'node:vm';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { listShippedScripts, readAnswers } from './scripts/shipped.ts';
import { sample } from './support/extent.ts';

/** All that a page needs, and how it runs one script: its answers come back. */
const PAGE = `
import { completeOptions } from './src/kernel/protocol.ts';
import { CommandTable } from './src/language/commandTable.ts';
import { Interpreter } from './src/language/interpreter.ts';
import { readLines } from './src/language/lines.ts';
import { Report } from './src/language/report.ts';
import { Run } from './src/language/run.ts';
import { createSimCluster } from './src/sim/world.ts';
import { PROTOCOLS } from './src/protocols/registry.ts';
export { summarizeHistory } from './src/checkers/index.ts';
export { readHistory } from './src/histories/index.ts';
export { runTrial } from './src/fuzz/trial.ts';

export async function runScript(bytes, nextTurn) {
  let answers = '';
  const sink = { answer: (text) => { answers += text; }, diagnostic: () => undefined };
  const report = new Report(sink, { isJson: false, isQuiet: true }, 'script');
  const [protocol] = PROTOCOLS;
  const run = new Run({
    createCluster: async (chosen, options) =>
      createSimCluster({ protocol: chosen, options, seed: 1, nextTurn }),
    protocols: PROTOCOLS,
    protocol,
    options: completeOptions(protocol, {}),
    seed: 1,
    report,
  });
  const table = new CommandTable(PROTOCOLS);
  const interpreter = new Interpreter({ run, table, report, isStrict: false });
  for await (const lines of readLines((async function* () { yield bytes; })())) {
    for (const line of lines) await interpreter.do(line);
  }
  await interpreter.end();
  await run.quiesce();
  await run.stop();
  return answers;
}
`;

async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'page',
    target: 'es2022',
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}

/** What a script of a page finds; the rest of the language is in every realm. */
const BROWSER_GLOBALS = {
  TextDecoder,
  TextEncoder,
  atob,
  btoa,
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  performance,
  crypto,
};

interface Page {
  runScript(bytes: Uint8Array, nextTurn: (task: () => void) => void): Promise<string>;
}

describe('in a browser', () => {
  let page: Page;
  beforeAll(async () => {
    const realm = createContext({ ...BROWSER_GLOBALS });
    new Script(await bundle(PAGE)).runInContext(realm);
    page = realm.page as Page;
  });

  it.each(sample(listShippedScripts(), 5))(
    '$name gives the answers of its transcript',
    async (script) => {
      const answers = await page.runScript(readFileSync(script.path), setImmediate);
      expect(answers).toBe(readAnswers(script));
    },
  );

  it('an import of Node would not go into the bundle', async () => {
    await expect(bundle(`import 'node:fs'; ${PAGE}`)).rejects.toThrow('node:fs');
  });
});
